// Node's entry to the runner: runs one test file in this process. `node --import tsx tests/support/run-file.ts FILE`
import { resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { reportFailure, runSuites, type SuiteResult } from "./run-suites.ts";
import { toError } from "./to-error.ts";

const path = process.argv[2];
if (path === undefined) {
  console.error("Usage: node --import tsx tests/support/run-file.ts FILE");
  process.exit(2);
}

const strays: SuiteResult = { passed: 0, failed: 0, skipped: 0 };
process.on("unhandledRejection", (reason) => {
  reportFailure(strays, `${path} left a rejection unhandled`, toError(reason));
});
process.on("uncaughtException", (error) => reportFailure(strays, `${path} left an exception uncaught`, toError(error)));

const result = await runSuites([{ name: path, load: () => import(pathToFileURL(resolve(path)).href) }]);

// Node reports a rejection as unhandled only after the microtasks of the turn that made it.
await new Promise((settled) => setTimeout(settled, 10));

result.failed += strays.failed;
// Exits by itself, because a socket that a test left open would keep the process.
process.stdout.write(`\n@@result ${JSON.stringify(result)}\n`, () => process.exit(result.failed > 0 ? 1 : 0));
