// The tutorial as a reader goes through it: its files, its commands and what they print, word for word. Only addresses are
// put in place: a broker on this machine instead of one in the cloud, free ports instead of its own.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as assert from "uvu/assert";
import type { CodeBlock } from "../../scripts/documentation/code-blocks.ts";
import { installPackage } from "../packaging/installed-package.ts";
import { makeCertificates } from "../support/certificates.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { freePort } from "../support/free-port.ts";
import { makeJwtIdentities } from "../support/nats-identities.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { natsServerPath } from "../support/nats-server-program.ts";
import { type Program, startProgram } from "../support/program.ts";
import { until } from "../support/until.ts";
import { blocksUnder } from "./page-blocks.ts";

const page = "docs/tutorial.md";
const run = promisify(execFile);

/** A reader's folder, and the step that is being read. */
class Reader {
  readonly folder: string;
  #blocks: readonly CodeBlock[] = [];
  #printed = "";

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Goes on to a step and writes its files. */
  async read(step: string): Promise<void> {
    this.#blocks = await blocksUnder(page, step);
    for (const { file, text } of this.#blocks) {
      if (file !== undefined) await writeFile(join(this.folder, file), text);
    }
    this.#printed = this.#blocks.find(({ language }) => language === "text")?.text ?? this.#printed;
  }

  /** What the tutorial says that the shop prints. */
  get printed(): string {
    return this.#printed;
  }

  /** A shell block of the step, the one with this in it. */
  shell(part: string): string {
    const block = this.#blocks.find(({ language, text }) => language === "sh" && text.includes(part));
    if (block === undefined) throw new Error(`The tutorial has no command ${part} in this step`);
    return block.text;
  }

  /** Starts a command of the step, as it stands there but for `npx`: the packages are installed already. */
  start(command: string, environment: Readonly<Record<string, string>> = {}): Program {
    assert.ok(this.shell(command).split("\n").includes(command), `the tutorial says ${command}`);
    const [, assignments = "", file = ""] = /^((?:\w+=\S+ )*)npx tsx (\S+)$/.exec(command) ?? [];
    const given = Object.fromEntries(assignments.trim().split(" ").filter(Boolean).map((text) => text.split("=")));
    return startProgram(process.execPath, ["--import", import.meta.resolve("tsx"), file], {
      folder: this.folder,
      environment: { ...environment, ...given },
    });
  }

  /** Runs a command to its end and gives what it printed; an error text fails the test. */
  async run(command: string, environment: Readonly<Record<string, string>> = {}): Promise<string> {
    await using program = this.start(command, environment);
    const { exitCode, standardOutput, errorOutput } = await program.ended();
    assert.is(errorOutput, "", command);
    assert.is(exitCode, 0, command);
    return standardOutput;
  }
}

/** Puts a reader's own in the place of what the tutorial has. */
async function replaceIn(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(file, "utf8");
  assert.ok(text.includes(from), `${file} has no ${from}`);
  await writeFile(file, text.replace(from, to));
}

/** What `npx tsc` says in the reader's folder, which has what only other tests need. */
async function checkTypes(folder: string): Promise<void> {
  await rm(join(folder, "your-contract.ts"), { force: true });
  const compiler = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));
  await using checking = startProgram(process.execPath, [compiler], { folder });
  const { exitCode, standardOutput } = await checking.ended();
  assert.is(standardOutput, "");
  assert.is(exitCode, 0);
}

async function stopInGoodOrder(program: Program): Promise<void> {
  const { exitCode, errorOutput } = await program.stop();
  assert.is(errorOutput, "");
  assert.is(exitCode, 0);
}

describeWithNatsServer("The tutorial", {}, (test) => {
  const title = "goes from a laptop to the cloud, an internal network and a gateway";
  const openssl = ["/usr/bin/openssl", "/usr/local/bin/openssl", "/opt/homebrew/bin/openssl"].find(existsSync);
  if (openssl === undefined) return test.skip(title, "there is no openssl for the certificates of its third step");

  test(title, { timeoutMs: 170_000 }, async () => {
    const { folder, install } = await installPackage();
    const manifest = await readFile(new URL("../../package.json", import.meta.url), "utf8");
    const { dependencies, devDependencies } = JSON.parse(manifest);
    await install(
      `@types/node@${devDependencies["@types/node"]}`,
      `jose@${dependencies.jose}`,
      `hono@${devDependencies.hono}`,
      `@hono/node-server@${devDependencies["@hono/node-server"]}`,
    );
    const reader = new Reader(folder);

    await reader.read("1. On a laptop");
    assert.is(await reader.run("npx tsx laptop.ts"), reader.printed);
    await checkTypes(folder);

    await reader.read("2. Two developers");
    await throughTheCloud(reader);

    await reader.read("3. On an internal network");
    const broker = await startInternalBroker(reader);
    try {
      await onTheInternalNetwork(reader, broker.url);
      await reader.read("4. Callers on the internet");
      await throughTheGateway(reader, broker);
      // The program of the laptop knows no token.
      await rm(join(folder, "laptop.ts"));
      await checkTypes(folder);
    } finally {
      await broker.program[Symbol.asyncDispose]();
    }
  });
});

async function throughTheCloud(reader: Reader): Promise<void> {
  const certificates = await makeCertificates();
  const identities = await makeJwtIdentities();
  const { certificateFile: certFile, keyFile } = certificates.server;
  await using cloud = await startNatsServer({ tls: { certFile, keyFile }, config: identities.config });
  await writeFile(join(reader.folder, "dev.creds"), (await identities.user("developer")).creds);
  // The cloud's authority is one that the system knows.
  const environment = { NATS_URL: cloud.url, NODE_EXTRA_CA_CERTS: certificates.authority.certificateFile };
  await using service = reader.start("npx tsx run-service.ts", environment);
  await service.line(/^Serving$/);
  assert.is(await reader.run("npx tsx run-shop.ts", environment), reader.printed);
  await stopInGoodOrder(service);
}

interface InternalBroker {
  readonly program: Program;
  readonly url: string;
}

async function startInternalBroker(reader: Reader): Promise<InternalBroker> {
  const { folder } = reader;
  await run("sh", ["-ec", reader.shell("issue nats-server")], { cwd: folder });
  await reader.run("npx tsx broker-users.ts");
  const port = await freePort();
  await replaceIn(join(folder, "nats-server.conf"), "0.0.0.0:4222", `127.0.0.1:${port}`);
  assert.is(reader.shell("nats-server --config"), "nats-server --config nats-server.conf\n");
  const program = startProgram(natsServerPath(), ["--config", "nats-server.conf"], { folder });
  await program.line(/Server is ready/);
  return { program, url: `tls://localhost:${port}` };
}

async function onTheInternalNetwork(reader: Reader, url: string): Promise<void> {
  const environment = { NATS_URL: url };
  await using service = reader.start("NATS_USER=orders-service npx tsx run-service.ts", environment);
  await service.line(/^Serving$/);
  assert.is(await reader.run("NATS_USER=shop npx tsx run-shop.ts", environment), reader.printed);
  await using impostor = reader.start("NATS_USER=shop npx tsx run-service.ts", environment);
  const { exitCode, standardOutput, errorOutput } = await impostor.ended();
  assert.is(standardOutput, "");
  assert.match(errorOutput, /code: 'FORBIDDEN'/);
  assert.is(exitCode, 1);
  await stopInGoodOrder(service);
}

async function throughTheGateway(reader: Reader, broker: InternalBroker): Promise<void> {
  await reader.run("npx tsx make-token.ts");
  await reader.run("npx tsx broker-users.ts");
  assert.match(reader.shell("--signal"), /^nats-server --signal reload$/m);
  // `--signal` finds the one nats-server of a machine; here there may be several.
  process.kill(broker.program.pid!, "SIGHUP");
  await broker.program.line(/Reloaded server configuration/);

  const environment = { NATS_URL: broker.url };
  await using service = reader.start("NATS_USER=orders-service npx tsx run-service.ts", environment);
  await service.line(/^Serving$/);
  const port = String(await freePort());
  await using gateway = reader.start("NATS_USER=gateway npx tsx gateway.ts", { ...environment, PORT: port });
  await gateway.line(/^The gateway listens on/);
  const url = `http://127.0.0.1:${port}`;
  await until("the gateway is ready", () => fetch(`${url}/readyz`).then(({ ok }) => ok, () => false), 20_000);
  assert.is(await reader.run("npx tsx run-shop.ts", { GATEWAY_URL: url }), reader.printed);

  const curl = /^curl \S+\/orders\/v1\/createOrder .* --json '(.*)'$/m.exec(reader.shell("curl"))!;
  const token = await readFile(join(reader.folder, "token.txt"), "utf8");
  const ask = async (body: string, headers: Record<string, string>): Promise<unknown[]> => {
    const answer = await fetch(`${url}/orders/v1/createOrder`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body,
    });
    const { id, code } = await answer.json() as { id?: string; code?: string };
    return [answer.status, id ?? code];
  };
  const authorized = { Authorization: `Bearer ${token}` };
  assert.equal(await ask(curl[1]!, authorized), [200, "order-2"]);
  assert.equal(await ask(curl[1]!, {}), [401, "UNAUTHENTICATED"]);
  assert.equal(await ask('{"sku":"A1"}', authorized), [400, "INVALID_REQUEST"]);
  await gateway[Symbol.asyncDispose]();
  await stopInGoodOrder(service);
}
