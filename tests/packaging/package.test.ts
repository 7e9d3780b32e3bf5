import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { promisify } from "node:util";
import * as assert from "uvu/assert";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { describe } from "../support/suite.ts";
import { installPackage, npmRuntimes } from "./installed-package.ts";

const timeoutMs = 60_000;
const names = ["@magicbutton/messaging", "@magicbutton/nats-transport"] as const;
const run = promisify(execFile);

async function filesInTarball(): Promise<string[]> {
  const { stdout } = await run("tar", ["--list", "--file", (await installPackage()).tarball]);
  return stdout.trim().split("\n").map((path) => path.replace(/^package\//, ""));
}

describe("The packed package", (test) => {
  test("has the library, its types and its documents, and nothing else", { timeoutMs }, async () => {
    const files = await filesInTarball();
    for (const name of ["package.json", "README.md", "LICENSE", "CHANGELOG.md", "mod.js", "mod.d.ts"]) {
      assert.ok(files.includes(name), name);
    }
    const strange = files.filter((name) =>
      !/^(?:(?:mod|src\/.+)\.(?:js|d\.ts)|package\.json|[A-Z]+(?:\.md)?)$/.test(name)
    );
    assert.equal(strange, []);
  });

  test("has no file for Deno, which takes the library from JSR or runs Node's", { timeoutMs }, async () => {
    assert.equal((await filesInTarball()).filter((name) => /deno|jsr/.test(name)), []);
  });

  test("names files that it has", { timeoutMs }, async () => {
    const { dist } = await installPackage();
    const files = await filesInTarball();
    const manifest = JSON.parse(await readFile(join(dist, "package.json"), "utf8"));
    for (const target of targetsIn([manifest.exports, manifest.imports, manifest.bin])) {
      assert.ok(files.includes(target.replace("./", "")), target);
      if (target.endsWith(".js")) assert.ok(files.includes(target.replace("./", "").replace(/\.js$/, ".d.ts")), target);
    }
  });

  test("has a manifest without what only its development needs", { timeoutMs }, async () => {
    const { dist } = await installPackage();
    const packed = JSON.parse(await readFile(join(dist, "package.json"), "utf8"));
    const source = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
    assert.equal(packed.publishConfig, { access: "public", provenance: true });
    assert.is(packed.sideEffects, false);
    assert.equal(packed.imports, source.imports);
    assert.equal(packed.exports, { ...source.exports, "./package.json": "./package.json" });
    assert.equal(packed.dependencies, source.dependencies);
    assert.not("devDependencies" in packed);
    assert.not("scripts" in packed);
  });
});

function targetsIn(entry: unknown): string[] {
  return typeof entry === "object" ? Object.values(entry ?? {}).flatMap(targetsIn) : [String(entry)];
}

// One program for each check, with both copies in it: `one` and `other` are the library under its two names.
const head = `import * as v from "valibot";
import * as one from "${names[0]}";
import * as other from "${names[1]}";

const contract = one.createContract({
  name: "copies",
  version: "1.0.0",
  errors: { OUT_OF_STOCK: { data: v.object({ sku: v.string() }) } },
  requests: { order: { request: v.object({ sku: v.string() }), response: v.object({ tenant: v.string() }), errors: ["OUT_OF_STOCK"] } },
  events: { moved: { schema: v.object({ region: v.string() }), subject: "{region}" } },
});
if (one.MessagingError === other.MessagingError) throw new Error("There is one copy only");

/** A client of one copy and a server of the other, each on a transport of yet the other. */
async function exchange(clientSide, serverSide, clientTransport, serverTransport) {
  const server = serverSide.createMessagingServer({ contract, transport: serverTransport });
  server.registerHandler("order", ({ sku }, context) => {
    if (sku === "none") throw context.error("OUT_OF_STOCK", { sku });
    return { tenant: context.headers.get("x-tenant") ?? "none" };
  });
  await server.start();
  const client = clientSide.createMessagingClient({ contract, transport: clientTransport });
  await client.connect();
  const heard = [];
  const moves = client.subscribe("moved", { params: { region: "eu" } }, ({ region }, { headers }) => {
    heard.push(region + " of " + headers.get("x-tenant"));
  });
  await moves.ready;
  const answer = await client.request("order", { sku: "A1" }, { headers: { "X-Tenant": "acme" } });
  const refused = await client.request("order", { sku: "none" }).catch((error) => error);
  await server.broadcast("moved", { region: "eu" }, { headers: { "X-Tenant": "acme" } });
  // It comes after the event, over the same connection.
  await client.request("order", { sku: "A1" });
  await client.disconnect();
  await server.stop();
  console.log(JSON.stringify({
    answer,
    refused: [one, other].map(({ isMessagingError }) => isMessagingError(refused, "OUT_OF_STOCK") && refused.data.sku),
    heard,
  }));
}
`;
const exchanged = `{"answer":{"tenant":"acme"},"refused":["none","none"],"heard":["eu of acme"]}\n`;

for (const runtime of npmRuntimes) {
  describe(`The packed package in ${runtime}`, (test) => {
    test("loads by each of its entries", { timeoutMs }, async () => {
      const { dist, write, start } = await installPackage();
      const { exports } = JSON.parse(await readFile(join(dist, "package.json"), "utf8"));
      const entries = Object.keys(exports).filter((path) => !path.endsWith(".json"));
      const lines = entries.flatMap((path) =>
        names.map((name) =>
          `if (Object.keys(await import("${posix.join(name, path)}")).length > 0) console.log("${path}");`
        )
      );
      await write(`entries-${runtime}.mjs`, lines.join("\n"));
      await using program = await start(runtime, `entries-${runtime}.mjs`);
      const { standardOutput, errorOutput } = await program.ended();
      assert.is(errorOutput, "");
      assert.equal(standardOutput.trim().split("\n"), entries.flatMap((path) => [path, path]));
    });

    test("works over memory, two copies of it in one process", { timeoutMs }, async () => {
      const { write, start } = await installPackage();
      await write(
        `memory-${runtime}.mjs`,
        `${head}
const broker = new one.MemoryBroker();
await exchange(one, other, new other.MemoryTransport({ broker }), new one.MemoryTransport({ broker }));
await exchange(other, one, new one.MemoryTransport({ broker }), new other.MemoryTransport({ broker }));
`,
      );
      await using program = await start(runtime, `memory-${runtime}.mjs`);
      const { standardOutput, errorOutput, exitCode } = await program.ended();
      assert.is(errorOutput, "");
      assert.is(standardOutput, exchanged.repeat(2));
      assert.is(exitCode, 0);
    });
  });

  describeWithNatsServer(`The packed package over NATS in ${runtime}`, {}, (test) => {
    for (const kind of ["TCP", "WebSocket"] as const) {
      // What Node before 22 needs of another package is for the suites of tests/runtimes.
      if (kind === "WebSocket" && runtime === "node") continue;
      test(`works over ${kind}, two copies of it in one process`, { timeoutMs }, async () => {
        await using server = await startNatsServer({ websocket: true });
        const url = kind === "TCP" ? server.url : server.websocketUrl;
        const { write, start } = await installPackage();
        await write(
          `nats-${kind}-${runtime}.mjs`,
          `${head}
const transport = (copy) => new copy.NatsTransport({ servers: ["${url}"] });
await exchange(one, other, transport(other), transport(one));
await exchange(other, one, transport(one), transport(other));
`,
        );
        await using program = await start(runtime, `nats-${kind}-${runtime}.mjs`);
        const { standardOutput, errorOutput, exitCode } = await program.ended();
        assert.is(errorOutput, "");
        assert.is(standardOutput, exchanged.repeat(2));
        assert.is(exitCode, 0);
      });
    }
  });
}
