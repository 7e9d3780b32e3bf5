import { join } from "node:path";
import * as assert from "uvu/assert";
import { installPackage } from "../packaging/installed-package.ts";
import { findRuntime } from "../runtimes/find-runtimes.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { startProgram } from "../support/program.ts";

const timeoutMs = 90_000;

const contract = `import * as v from "valibot";
import { createContract } from "@magicbutton/messaging";

const sku: string = "sku";
export const orders = createContract({
  name: "orders",
  version: "1.0.0",
  requests: { find: { request: v.object({ [sku]: v.string() }), response: v.object({ total: v.number() }) } },
});
`;

const service = `import { createMessagingServer, NatsTransport } from "@magicbutton/messaging";
import { orders } from "./orders.js";

const server = createMessagingServer({ contract: orders, transport: new NatsTransport({ servers: process.argv[2] }) });
server.registerHandler("find", ({ sku }) => ({ total: sku.length }));
await server.start();
console.log("started");
`;

const runtimes = {
  "Node 20, as npx runs it": (folder: string) => Promise.resolve([join(folder, "node_modules/.bin/messaging")]),
  "Node 24": async (
    folder: string,
  ) => [(await findRuntime("node24")).path, join(folder, "node_modules/.bin/messaging")],
  "Bun": async () => [(await findRuntime("bun")).path, "x", "--bun", "messaging"],
  "Deno": async (folder: string) => [
    (await findRuntime("deno")).path,
    ...[
      "run",
      "--allow-all",
      "--quiet",
      "--no-lock",
      join(folder, "node_modules/@magicbutton/messaging/src/cli/main.js"),
    ],
  ],
} as const;

const missing = await findRuntime("node24").then(() => undefined, (error: Error) => error.message);

describeWithNatsServer("The packed command line", {}, (test) => {
  for (const [title, commandOf] of Object.entries(runtimes)) {
    const name = `reads a contract, calls a request and examines the broker, in ${title}`;
    if (title === "Node 24" && missing !== undefined) {
      test.skip(name, missing);
      continue;
    }
    test(name, { timeoutMs }, async () => {
      const { folder, write } = await installPackage();
      await using server = await startNatsServer();
      await write("orders.js", contract.replace(": string", ""));
      await write("orders.ts", contract);
      await write("service.js", service);
      await using running = startProgram(process.execPath, ["service.js", server.url], { folder });
      await running.line(/^started$/);
      const [command, ...prefix] = await commandOf(folder);
      const environment = { NATS_URL: server.url };
      const run = async (...args: string[]) => {
        await using program = startProgram(command!, [...prefix, ...args], { folder, environment });
        return await program.ended();
      };
      const answered = { exitCode: 0, standardOutput: '{"total":2}\n', errorOutput: "" };
      assert.equal(await run("call", "orders.js", "find", '{"sku":"A1"}', "--json"), answered);
      if (title.startsWith("Node 20")) {
        const untyped = await run("call", "orders.ts", "find", '{"sku":"A1"}');
        assert.is(untyped.exitCode, 2);
        assert.match(
          untyped.errorOutput,
          /Node 20\.\S+ reads no TypeScript by itself\n {2}hint: Install tsx beside it/,
        );
      } else {
        assert.equal(await run("call", "orders.ts", "find", '{"sku":"A1"}', "--json"), answered);
      }
      const doctor = await run("doctor", "orders.js", "--json");
      assert.equal([doctor.exitCode, doctor.errorOutput], [0, ""]);
      const { checks } = JSON.parse(doctor.standardOutput) as {
        checks: { name: string; status: string; text: string }[];
      };
      assert.equal(checks.filter(({ status }) => status !== "ok"), []);
      const [runtime, versions] = checks;
      assert.match(runtime!.text, new RegExp(`^${title.split(" ")[0]}`));
      assert.match(versions!.text, /library \d.*, nats-core \d.*, valibot 1\./);
    });
  }

  test("reads TypeScript by tsx where the project has it", { timeoutMs }, async () => {
    const { folder, write, install } = await installPackage();
    await install("tsx");
    await write(
      "typed/orders.ts",
      `import { name } from "./name";\nenum Kind { A }\n${contract.replace('"orders"', "name")}`,
    );
    await write("typed/name.ts", `export const name: string = "orders";\n`);
    for (const runtime of ["node", ...(missing === undefined ? ["node24" as const] : [])] as const) {
      const { path } = await findRuntime(runtime);
      await using program = startProgram(
        path,
        ["node_modules/.bin/messaging", "describe", "typed/orders.ts", "--json"],
        {
          folder,
        },
      );
      const { exitCode, standardOutput, errorOutput } = await program.ended();
      assert.equal([exitCode, errorOutput], [0, ""], runtime);
      assert.is(JSON.parse(standardOutput).contracts[0].name, "orders");
    }
  });
});
