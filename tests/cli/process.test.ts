import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import * as assert from "uvu/assert";
import { NatsTransport } from "../../mod.ts";
import { serveKiosk } from "../discovery/kiosk.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { type Program, startProgram } from "../support/program.ts";
import { describe } from "../support/suite.ts";
import { cliProgram, contractsFolder } from "./run-cli.ts";

const timeoutMs = 60_000;
const noWork = async (): Promise<void> => {};
const run = promisify(execFile);

function start(args: readonly string[], input = false): Program {
  const [command, ...rest] = cliProgram;
  return startProgram(command, [...rest, ...args], { folder: contractsFolder, input });
}

describeWithNatsServer("The command line as a process", {}, (test) => {
  test("ends listen with 0 on Ctrl-C and on SIGTERM", { timeoutMs }, async () => {
    await using server = await startNatsServer();
    await using service = await serveKiosk(new NatsTransport({ servers: server.url }), noWork);
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      await using listener = start(["listen", "kiosk.ts", "-s", server.url]);
      await listener.line(/^Listening to sold/);
      await service.broadcast("sold", { id: signal, region: "eu" });
      await listener.outputLine(new RegExp(`sold \\{"id":"${signal}"`));
      process.kill(listener.pid!, signal);
      const { exitCode, errorOutput } = await listener.ended();
      assert.equal([exitCode, errorOutput], [0, "Listening to sold; Ctrl-C ends it\n"]);
    }
  });

  test("ends call with 130 on Ctrl-C", { timeoutMs }, async () => {
    await using server = await startNatsServer();
    let begin = (): void => {};
    const begun = new Promise<void>((resolve) => begin = resolve);
    const service = await serveKiosk(new NatsTransport({ servers: server.url }), async () => {
      begin();
      await new Promise(() => {});
    });
    await using call = start(["call", "kiosk.ts", "sell", '{"sku":"A1","quantity":1}', "-s", server.url]);
    await begun;
    process.kill(call.pid!, "SIGINT");
    assert.equal(await call.ended(), { exitCode: 130, standardOutput: "", errorOutput: "" });
    await service.stop({ graceMs: 0 });
  });

  test("reads standard input to its end, and prints in one piece what is long", { timeoutMs }, async () => {
    await using server = await startNatsServer();
    const transport = new NatsTransport({ servers: server.url });
    await using _service = await serveKiosk(transport, noWork);
    await using call = start(["call", "kiosk.ts", "sell", "-", "--json", "-s", server.url], true);
    const sku = "x".repeat(500_000);
    for (const part of [`{"sku":"${sku.slice(1)}`, `x","quantity"`, ":2}"]) call.write(part);
    call.endInput();
    const { exitCode, standardOutput, errorOutput } = await call.ended();
    assert.equal([exitCode, errorOutput], [0, ""]);
    assert.equal(JSON.parse(standardOutput), { id: `sale-of-${sku}`, total: 5 });
  });

  test("ends without a word when whoever reads has read enough, as head does", { timeoutMs }, async () => {
    await using server = await startNatsServer();
    await using service = await serveKiosk(new NatsTransport({ servers: server.url }), noWork);
    const command = cliProgram.map((part) => `'${part}'`).join(" ");
    const script = `set -o pipefail; ${command} listen kiosk.ts --json -s ${server.url} | head -n 2`;
    await using pipeline = startProgram("bash", ["-c", script], { folder: contractsFolder });
    const ended = pipeline.ended();
    let isOver = false;
    ended.finally(() => isOver = true).catch(() => {});
    for (let count = 1; !isOver; count++) {
      await service.broadcast("sold", { id: String(count), region: "eu" });
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { exitCode, standardOutput, errorOutput } = await ended;
    assert.equal([exitCode, errorOutput], [0, ""]);
    assert.is(standardOutput.trim().split("\n").length, 2);
  });
});

describe("The command line as a process", (test) => {
  test("ends although the contract file has started something", { timeoutMs }, async () => {
    const folder = await mkdtemp(join(tmpdir(), "messaging-cli-"));
    try {
      const text = `setInterval(() => {}, 1_000);\nexport const orders = 1;\n`;
      await writeFile(join(folder, "busy.mjs"), text);
      await using describing = start(["describe", join(folder, "busy.mjs")]);
      assert.is((await describing.ended()).exitCode, 2);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("says by its exit code what was wrong", { timeoutMs }, async () => {
    for (const [args, code] of [[["--help"], 0], [[], 2], [["ls", "-s", "nats://127.0.0.1:1"], 3]] as const) {
      const [command, ...rest] = cliProgram;
      const { code: exitCode = 0 } = await run(command, [...rest, ...args]).then(() => ({ code: 0 }), (error) => error);
      assert.is(exitCode, code, args.join(" "));
    }
  });
});
