// `npm test [-- part-of-a-path …]`: runs every test file in a process of its own, so that a file that leaks, hangs or
// kills its process cannot hide another's failure.
import { readdir } from "node:fs/promises";
import { join, sep } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { installContenders } from "../bench/harness/set-up.ts";
import { installDescribeTools } from "../tests/describe/tools.ts";
import { installRuntimes } from "../tests/runtimes/find-runtimes.ts";
import { findNatsCli } from "./nats-cli.ts";
import { findNatsServer } from "./nats-server.ts";
import { killRunningFiles, runTestFile, type TestFileRun } from "./test-file.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const filesAtOnce = 2;

process.chdir(root);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    killRunningFiles();
    process.exit(1);
  });
}

const files = await findTestFiles(process.argv.slice(2));
const tools = { ...await findServerOrSayWhy(), ...await findCliOrSayWhy() };
// Once, before any test: two that install at the same time would hinder each other.
if (files.some((path) => /^tests\/(?:runtimes|gateway|examples)\//.test(path))) await installRuntimes();
if (files.some((path) => path.includes("tests/describe/"))) await installDescribeTools();
if (files.some((path) => /^tests\/(?:bench|docs)\//.test(path))) {
  await installContenders().catch((error: Error) => console.log(`THE CONTENDERS ARE NOT THERE: ${error.message}\n`));
}
const runs = await runAll(files);
report(runs);

async function findTestFiles(parts: string[]): Promise<string[]> {
  const entries = await readdir("tests", { recursive: true });
  // Some tools of tests are projects of their own, whose packages have tests too.
  const own = entries.filter((entry) => !entry.split(sep).includes("node_modules"));
  const paths = own.filter((entry) => entry.endsWith(".test.ts")).map((entry) => join("tests", entry));
  const posixPaths = paths.map((path) => path.split(sep).join("/")).sort();
  return posixPaths.filter((path) => parts.length === 0 || parts.some((part) => path.includes(part)));
}

async function findServerOrSayWhy(): Promise<Record<string, string>> {
  try {
    const { path, version } = await findNatsServer();
    console.log(`nats-server ${version}: ${path}\n`);
    return { NATS_SERVER: path };
  } catch (error) {
    if (process.env.NATS_SERVER) throw error;
    console.log(`NO NATS SERVER, SO EVERY TEST THAT NEEDS ONE IS SKIPPED: ${(error as Error).message}\n`);
    return {};
  }
}

// Here, because a first build of the tool takes longer than a test file may.
async function findCliOrSayWhy(): Promise<Record<string, string>> {
  if (!files.some((path) => path.includes("nats-cli"))) return {};
  try {
    return { NATS_CLI: (await findNatsCli()).path };
  } catch (error) {
    console.log(`THE TESTS OF THE nats COMMAND LINE ARE SKIPPED: ${(error as Error).message}\n`);
    return {};
  }
}

async function runAll(paths: string[]): Promise<TestFileRun[]> {
  const waiting = [...paths];
  const done: TestFileRun[] = [];
  async function work(): Promise<void> {
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
      const run = await runTestFile(path, tools);
      done.push(run);
      printRun(run);
    }
  }
  await Promise.all(Array.from({ length: filesAtOnce }, work));
  return done;
}

function printRun({ path, counts, durationMs, output, problem }: TestFileRun): void {
  const sign = counts.failed > 0 ? "FAIL" : "ok  ";
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
  console.log(`${sign} ${path}: ${counts.passed} passed, ${counts.failed} failed${skipped} (${durationMs} ms)`);
  if (problem !== undefined) console.log(`     ${problem}`);
  for (const line of output.split("\n")) {
    if (line.startsWith("SKIPPED ")) console.log(`     ${line}`);
  }
}

function report(runs: TestFileRun[]): void {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const run of runs) {
    total.passed += run.counts.passed;
    total.failed += run.counts.failed;
    total.skipped += run.counts.skipped;
    if (run.counts.failed > 0) console.log(`\n--- ${run.path}\n${run.output.trimEnd()}`);
    if (run.problem !== undefined) console.log(`--- ${run.path} ${run.problem}`);
  }
  if (runs.length === 0) {
    console.log("No test file was found");
    total.failed++;
  }
  console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}
