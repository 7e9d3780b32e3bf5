// `node --import tsx scripts/test-transport-deno.ts <checkout of nats-io/nats.js>`: the runtime suites in Deno over the
// real @nats-io/transport-deno, which only JSR has and where continuous integration may not reach it. The checkout's
// packages stand in for JSR's by the `links` of a project in a temporary folder; nothing is written into this one.
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { ChildProgram } from "../tests/runtimes/child-program.ts";
import { findRuntime } from "../tests/runtimes/find-runtimes.ts";
import { reportMark, type TransportReport } from "../tests/runtimes/runtime-report.ts";
import { runtimesTable } from "../tests/runtimes/runtimes-table.ts";
import { findNatsServer } from "./nats-server.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const limitMs = 120_000;
const dialsMark = "@@dials ";
const entry = "tests/runtimes/transport-deno.ts";

// Only transport-deno dials with `Deno.connect`: that it was called shows that it was not transport-node.
const countDials = `import process from "node:process";
let dials = 0;
const { connect } = Deno;
Deno.connect = (...args) => {
  dials += 1;
  return connect(...args);
};
process.on("exit", () => console.log("${dialsMark}" + dials));
await import("./deno.ts");
`;

// All that transport-deno takes of @std/io.
const writeAll = `export async function writeAll(
  writer: { write(bytes: Uint8Array): Promise<number> },
  bytes: Uint8Array,
): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await writer.write(bytes.subarray(sent));
}
`;

const checkout = process.argv[2];
if (checkout === undefined) throw new Error("The path of a checkout of nats-io/nats.js is wanted");
await findNatsServer();
const { startBrokers } = await import("../tests/runtimes/start-brokers.ts");
const { path, title } = await findRuntime("deno");
const folder = await mkdtemp(join(tmpdir(), "messaging-transport-deno-"));
try {
  const version = await makeProject(folder, resolve(checkout));
  for (const [command, file] of [["check", "mod.ts"], ["check", "src/nats/tcp/deno.ts"]] as const) {
    const program = new ChildProgram(path, [command, file], { cwd: folder });
    const ending = await program.ended(limitMs);
    if (ending !== "exit code 0") throw new Error(`deno ${command} ${file}: ${ending}\n${program.output}`);
  }
  await runSuites(version);
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exit();

/** Copies what the suites need, and links the checkout's packages; gives transport-deno's version. */
async function makeProject(folder: string, checkout: string): Promise<string> {
  for (const name of ["mod.ts", "src", "tests", "package.json"]) {
    await cp(join(root, name), join(folder, name), { recursive: true, filter: (path) => !/node_modules/.test(path) });
  }
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  const links: string[] = [];
  const link = async (name: string, manifest: Record<string, unknown>, code?: string): Promise<void> => {
    const target = join(folder, "links", name);
    links.push(`./links/${name}`);
    if (code === undefined) await cp(join(checkout, name, "src"), join(target, "src"), { recursive: true });
    else await cp(await write(join(folder, "code.ts"), code), join(target, "mod.ts"));
    await write(join(target, "deno.json"), JSON.stringify(manifest));
  };
  const manifestOf = async (name: string): Promise<{ version: string; imports: Record<string, string> }> =>
    JSON.parse(await readFile(join(checkout, name, "deno.json"), "utf8"));
  const transport = await manifestOf("transport-deno");
  const core = await manifestOf("core");
  await link("transport-deno", { ...transport });
  await link("core", { ...core });
  for (const name of ["nkeys", "nuid"]) {
    const wanted = core.imports[`@nats-io/${name}`]!.replace("jsr:", "npm:");
    const version = wanted.split("@").at(-1);
    await link(name, { name: `@nats-io/${name}`, version, exports: "./mod.ts" }, `export * from "${wanted}";\n`);
  }
  await link(
    "io",
    { name: "@std/io", version: transport.imports["@std/io"]!.split("@").at(-1), exports: "./mod.ts" },
    writeAll,
  );

  const { imports } = JSON.parse(await readFile(join(root, "deno.json"), "utf8")) as {
    imports: Record<string, string>;
  };
  await write(join(folder, "deno.json"), JSON.stringify({ imports, links, nodeModulesDir: "manual" }));
  await write(join(folder, entry), countDials);
  return transport.version;
}

async function runSuites(version: string): Promise<void> {
  await using running = await startBrokers();
  const args = ["run", "--no-prompt", "--allow-net=127.0.0.1,localhost", "--allow-read", "--allow-env", entry];
  const program = new ChildProgram(path, args, { cwd: folder, env: { BROKERS: JSON.stringify(running.brokers) } });
  const ending = await program.ended(limitMs);
  const valueOf = (mark: string): string | undefined =>
    program.output.split("\n").findLast((line) => line.startsWith(mark))?.slice(mark.length);
  const reports = JSON.parse(valueOf(reportMark) ?? "[]") as TransportReport[];
  const dials = Number(valueOf(dialsMark));
  if (ending !== "exit code 0" || reports.length === 0 || reports.some(({ failed }) => failed > 0)) {
    console.log(program.output);
    process.exitCode = 1;
  }
  console.log(
    runtimesTable([{ title: `${title}, transport-deno ${version}`, reports, whyNot: `it ended with ${ending}` }]),
  );
  console.log(`transport-deno dialled ${dials} times`);
  if (!(dials > 0)) process.exitCode = 1;
}

async function write(path: string, text: string): Promise<string> {
  await writeFile(path, text);
  return path;
}
