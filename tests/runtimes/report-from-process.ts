// What Node, Bun and Deno share: they get the brokers from the environment and print their reports.
import process from "node:process";
import type { Brokers } from "./brokers.ts";
import { reportMark } from "./runtime-report.ts";
import { runRuntimeSuites, type RuntimeRefusals } from "./runtime-suites.ts";

/** Runs the suites in this process, prints the reports and ends the process. */
export async function reportFromProcess(refusals: RuntimeRefusals): Promise<void> {
  const brokers = JSON.parse(process.env["BROKERS"] ?? "null") as Brokers;
  const reports = await runRuntimeSuites(brokers, refusals);
  // Exits by itself, because a socket that a test left open would keep the process.
  process.stdout.write(`\n${reportMark}${JSON.stringify(reports)}\n`, () => process.exit(0));
}
