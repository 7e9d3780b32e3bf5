// Runs one job in a process of its own, in Node, Bun or Deno: `run-job.ts JOB CONTENDER JSON`. It ends by itself when
// nothing of the library keeps it.
import process from "node:process";
import { contenderByName } from "./contender-by-name.ts";
import type { ContenderName } from "./contender.ts";
import { endWithStarter } from "./end-with-starter.ts";
import { goLine, markStart, resultStart } from "./job-lines.ts";
import type { JobChoice } from "./jobs/job.ts";
import { jobByName } from "./jobs/job-list.ts";
import { ProcessWatch } from "./process-watch.ts";

const [name = "", contenderName = "ours", json = "{}"] = process.argv.slice(2);
const watch = new ProcessWatch();
endWithStarter();

function go(): Promise<void> {
  return new Promise((resolve) => {
    process.stdin.on("data", (data) => {
      if (!String(data).includes(goLine)) return;
      // Whoever listens keeps the process.
      process.stdin.destroy();
      resolve();
    });
  });
}

let outcome: { value?: unknown; problem?: string };
try {
  const contender = await contenderByName(contenderName as ContenderName);
  const job = jobByName(name);
  outcome = {
    value: await job(JSON.parse(json) as JobChoice, {
      contender,
      mark: (mark) => void watch.say(`${markStart}${mark}`),
      go,
    }),
  };
} catch (error) {
  outcome = { problem: String((error as Error).stack ?? error) };
}
await watch[Symbol.asyncDispose]();
const { unhandledRejections, uncaughtExceptions, said } = watch;
await watch.say(`${resultStart}${JSON.stringify({ ...outcome, unhandledRejections, uncaughtExceptions, said })}`);
process.exitCode = outcome.problem === undefined ? 0 : 1;
