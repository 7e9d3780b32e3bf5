// `npm run test:runtimes [-- node node24 bun deno workerd chromium]`: the behaviour suites on every runtime, and the
// table of what came of them. It writes nothing into the project but the program of Node.js 24 (see find-runtimes.ts).
import process from "node:process";
import { fileURLToPath } from "node:url";
import { installRuntimes, type RuntimeName, runtimeNames } from "../tests/runtimes/find-runtimes.ts";
import { runAllRuntimes, type RuntimeOutcome } from "../tests/runtimes/run-all-runtimes.ts";
import { type RuntimeRow, runtimesTable } from "../tests/runtimes/runtimes-table.ts";
import { findNatsServer } from "./nats-server.ts";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
// The test harness never installs one by itself.
await findNatsServer();
await installRuntimes();
const names = process.argv.slice(2) as RuntimeName[];
const unknown = names.filter((name) => !runtimeNames.includes(name));
if (unknown.length > 0) throw new Error(`There is no runtime ${unknown.join(", ")}: ${runtimeNames.join(", ")}`);

const outcomes = new Map<RuntimeName, RuntimeOutcome>();
await runAllRuntimes((outcome) => {
  const { title, run, problem, missing } = outcome;
  outcomes.set(outcome.name, outcome);
  if (missing !== undefined) return console.log(`SKIPPED ${title}: ${missing}`);
  const failed = run === undefined || run.reports.some((report) => report.failed > 0);
  console.log(`${failed ? "FAIL" : "ok  "} ${title}`);
  if (!failed) return;
  console.log(problem ?? run?.output);
  process.exitCode = 1;
}, names.length === 0 ? runtimeNames : names);

const rows = runtimeNames.flatMap((name): RuntimeRow[] => {
  const outcome = outcomes.get(name);
  if (outcome === undefined) return [];
  const { title, run, missing } = outcome;
  return [{ title, reports: run?.reports ?? [], whyNot: missing ?? "it failed: its output is above" }];
});
console.log(`\n${runtimesTable(rows)}`);
// Whatever a server or a browser left open, the table was printed.
process.exit();
