import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as assert from "uvu/assert";
import { type Program, startProgram } from "../support/program.ts";
import { type InstalledPackage, installPackage, npmRuntimes } from "../packaging/installed-package.ts";
import { oldestTypeScript } from "../packaging/oldest-typescript.ts";
import { findRuntime } from "../runtimes/find-runtimes.ts";
import { runPage } from "../runtimes/start-browser.ts";
import { startWorkerd } from "../runtimes/start-workerd.ts";
import { freePort } from "../support/free-port.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { type NatsServer, startNatsServer } from "../support/nats-server.ts";
import { describe } from "../support/suite.ts";
import { until } from "../support/until.ts";
import { programs, programText, readme } from "./programs.ts";

const timeoutMs = 60_000;
const chromium = await findRuntime("chromium").catch((error: Error) => error);

/** A project with the packed library and the programs, at a server. */
async function writePrograms(server: NatsServer): Promise<InstalledPackage> {
  const project = await installPackage();
  await project.write("orders.js", programText("orders.js"));
  const atServer = { "nats://localhost:4222": server.url };
  for (const name of ["service.js", "client.js", "listener.js"]) {
    await project.write(name, programText(name, atServer));
  }
  await project.write("worker.js", programText("worker.js"));
  if (server.websocketPort !== undefined) {
    await project.write("page.js", programText("page.js", { "wss://nats.example.com": server.websocketUrl }));
  }
  return project;
}

/** Adds what the gateway's program serves with. */
async function installHttpServer(): Promise<void> {
  const { install } = await installPackage();
  const manifest = await readFile(new URL("../../package.json", import.meta.url), "utf8");
  const { devDependencies } = JSON.parse(manifest);
  await install(...["hono", "@hono/node-server"].map((name) => `${name}@${devDependencies[name]}`));
}

/** Starts the service, and waits until it answers: it prints nothing. */
async function startService(project: InstalledPackage, server: NatsServer): Promise<Program> {
  const service = await project.start("node", "service.js");
  await server.log.waitFor(/SUB orders\.v1\.request\.createOrder/);
  return service;
}

/** Logs every line of the protocol, so that a test sees who listens. */
const traced = { websocket: true, config: "trace: true" };

describe("The README", (test) => {
  test("has 200 lines at most", () => {
    assert.ok(readme.trimEnd().split("\n").length <= 200);
  });

  test("shows a contract, a server and a client in 20 lines", () => {
    const lines = programText("quickstart.js").trimEnd().split("\n").slice(1);
    assert.ok(lines.filter((line) => line !== "").length <= 20);
  });

  test("tells the figures of the last benchmark", async () => {
    const latest = await readFile(new URL("../../bench/results/latest.json", import.meta.url), "utf8");
    const rows: readonly FigureRow[] = JSON.parse(latest).parts.requests.workloads
      .find(({ title }: { title: string }) => title === "Requests, 128 in flight").rows;
    const names = {
      "this library": "this library",
      "nats.js, `nc.request`": "nc.request",
      "nats.js, `nc.request` without traces": "nc.request, noAsyncTraces",
      "nats.js, an inbox made by hand": "hand-made inbox (the limit)",
      "NestJS 12": "NestJS",
      "Moleculer 0.15": "Moleculer",
    };
    for (const [told, contender] of Object.entries(names)) {
      const { median, ratio } = rows.find((row) => row.contender === contender)!;
      const rate = Math.round(median).toLocaleString("en");
      const cells = `| ${told} | ${rate} |${ratio === undefined ? "" : ` ${ratio.median.toFixed(2)}`} |`;
      assert.ok(readme.includes(cells), `the README has no row ${cells}`);
    }
  });
});

/** A row of the benchmark's results. */
interface FigureRow {
  readonly contender: string;
  readonly median: number;
  readonly ratio?: { readonly median: number };
}

describe("The README and docs/runtimes.md", (test) => {
  test("have a program for each runtime, of ten lines or so, and their contract", () => {
    assert.equal([...programs.keys()], [
      ...["quickstart.js", "orders.js", "service.js", "client.js", "listener.js", "worker.js", "page.js", "gateway.js"],
    ]);
    for (const [name, text] of programs) {
      if (name === "orders.js" || name === "quickstart.js") continue;
      const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("//"));
      assert.ok(lines.length <= 11, `${name} has ${lines.length} lines`);
    }
  });

  test("name the oldest TypeScript that is tested", () => {
    assert.match(readme, `TypeScript ${oldestTypeScript.split(".").slice(0, 2).join(".")} or newer`);
  });

  test("have programs that pass the type checker", { timeoutMs }, async () => {
    const { folder, write } = await installPackage();
    await installHttpServer();
    for (const [name, text] of programs) await write(`checked/${name}`, text);
    // What a worker gets has no types in JavaScript.
    await write(
      "checked/worker.js",
      programText("worker.js", {
        "  async fetch(": "  /** @param {Request} request @param {{ NATS_URL: string }} environment */\n  async fetch(",
      }),
    );
    await write(
      "checked/tsconfig.json",
      JSON.stringify({
        compilerOptions: {
          target: "es2022",
          lib: ["es2023", "dom", "esnext.disposable"],
          module: "nodenext",
          types: [],
          allowJs: true,
          checkJs: true,
          // The HTTP server of the gateway's program has types that need those of Node.
          skipLibCheck: true,
          strict: true,
          noEmit: true,
        },
        include: ["*.js"],
      }),
    );
    const compiler = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));
    await using checking = startProgram(process.execPath, [compiler, "--project", "checked"], { folder });
    const { exitCode, standardOutput } = await checking.ended();
    assert.is(standardOutput, "");
    assert.is(exitCode, 0);
  });
});

describe("The README's first program", (test) => {
  for (const runtime of npmRuntimes) {
    test(`runs in ${runtime} as it stands there`, { timeoutMs }, async () => {
      const project = await installPackage();
      await project.write("quickstart.js", programText("quickstart.js"));
      await using program = await project.start(runtime, "quickstart.js");
      const { exitCode, standardOutput, errorOutput } = await program.ended();
      assert.is(errorOutput, "");
      assert.is(standardOutput, "created A1-1\n");
      assert.is(exitCode, 0);
    });
  }
});

describeWithNatsServer("The README's first program, over NATS,", {}, (test) => {
  test("prints the same, and ends", { timeoutMs }, async () => {
    await using server = await startNatsServer();
    const project = await installPackage();
    const overNats = { "new MemoryTransport()": `new NatsTransport({ servers: "${server.url}" })` };
    const text = programText("quickstart.js", overNats).replace("MemoryTransport }", "NatsTransport }");
    await project.write("over-nats.js", text);
    await using program = await project.start("node", "over-nats.js");
    const { exitCode, standardOutput, errorOutput } = await program.ended();
    assert.is(errorOutput, "");
    assert.is(standardOutput, "created A1-1\n");
    assert.is(exitCode, 0);
  });
});

describeWithNatsServer("The programs of docs/runtimes.md", {}, (test) => {
  test("run: a service in Node, a client in Bun, a listener in Deno", { timeoutMs }, async () => {
    await using server = await startNatsServer(traced);
    const project = await writePrograms(server);
    await using service = await startService(project, server);
    await using listener = await project.start("deno", "listener.js");
    await server.log.waitFor(/SUB orders\.v1\.event\.orderMoved\.eu/);
    await using client = await project.start("bun", "client.js");
    const asked = await client.ended();
    assert.is(asked.errorOutput, "");
    assert.match(asked.standardOutput, /id: "2-A1"/);
    assert.is(asked.exitCode, 0);
    assert.is(await listener.line(/moved/), "2-A1 moved");
    for (const program of [listener, service]) assert.is((await program.stop()).errorOutput, "");
  });

  test("run: the gateway, asked by its own client and by anybody", { timeoutMs }, async () => {
    await using server = await startNatsServer(traced);
    const project = await writePrograms(server);
    await installHttpServer();
    const port = await freePort();
    await project.write(
      "gateway.js",
      programText("gateway.js", { "nats://localhost:4222": server.url, "8787": String(port) }),
    );
    await using _service = await startService(project, server);
    await using gateway = await project.start("node", "gateway.js");
    const url = `http://127.0.0.1:${port}`;
    await until("the gateway listens", () => fetch(`${url}/readyz`).then(({ ok }) => ok, () => false), 20_000);
    const answer = await fetch(`${url}/orders/v1/createOrder`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: '{"sku":"A1","quantity":2}',
    });
    assert.equal(await answer.json(), { id: "2-A1" });
    const overHttp = { 'NatsTransport({ servers: ["nats://localhost:4222"] })': `HttpTransport({ url: "${url}" })` };
    await project.write(
      "http-client.js",
      programText("client.js", overHttp).replace("NatsTransport }", "HttpTransport }"),
    );
    await using client = await project.start("node", "http-client.js");
    assert.match((await client.ended()).standardOutput, /id: '2-A1'/);
    assert.is((await gateway.stop()).errorOutput, "");
  });

  test("run: a worker in workerd", { timeoutMs }, async () => {
    await using server = await startNatsServer(traced);
    const project = await writePrograms(server);
    await using _service = await startService(project, server);
    const { path } = await findRuntime("workerd");
    const worker = pathToFileURL(join(project.folder, "worker.js")).href;
    await using workerd = await startWorkerd(path, worker, { bindings: { NATS_URL: server.websocketUrl } });
    for (const quantity of [1, 2]) {
      const response = await fetch(workerd.url, { method: "POST", body: JSON.stringify({ sku: "C3", quantity }) });
      assert.equal(await response.json(), { id: `${quantity}-C3` });
    }
  });

  const title = "run: a page in Chromium";
  if (chromium instanceof Error) return test.skip(title, chromium.message);
  test(title, { timeoutMs }, async () => {
    await using server = await startNatsServer(traced);
    const project = await writePrograms(server);
    await using _service = await startService(project, server);
    await project.write(
      "tested-page.js",
      `import "./page.js";
while (document.body.textContent === "") await new Promise((resolve) => setTimeout(resolve, 10));
await fetch("/result", { method: "POST", body: JSON.stringify(document.body.textContent) });
`,
    );
    const page = pathToFileURL(join(project.folder, "tested-page.js")).href;
    assert.is(await runPage(chromium.path, page, { data: {}, limitMs: 50_000 }), "1-B2 is in eu");
  });
});
