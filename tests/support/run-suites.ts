// Drives uvu's queue instead of its command line, which needs a process and hides failures.
// No import of a runtime here: the same file runs the suites in Node, Bun, Deno and workerd.
import { openUvuGroup, type UvuRun } from "./uvu-queue.ts";
import { closeFile, type FileRecord, openFile } from "./ledger.ts";
import { formatError, toError } from "./to-error.ts";

/** One test file, and how to import it. */
export interface SuiteFile {
  readonly name: string;
  readonly load: () => Promise<unknown>;
}

/** How many tests there were of each kind, over all files. */
export interface SuiteResult {
  passed: number;
  failed: number;
  skipped: number;
}

// A top-level await that never settles would stop Bun for ever; Node ends such a process by itself.
const loadTimeoutMs = 60_000;

/** Imports the files one after the other, runs what they register, prints every failure and returns the counts. */
export async function runSuites(files: SuiteFile[]): Promise<SuiteResult> {
  const result: SuiteResult = { passed: 0, failed: 0, skipped: 0 };
  if (files.length === 0) reportFailure(result, "The runner", new Error("was given no test file"));
  for (const file of files) {
    const group = openUvuGroup();
    const record = openFile(file.name);
    try {
      await withinLoadTimeout(file.load());
    } catch (thrown) {
      record.problems.push(new Error("The file failed to load", { cause: toError(thrown) }));
    }
    closeFile();
    for (const run of group) await runSuite(run, record);
    count(record, result);
  }
  return result;
}

async function runSuite(run: UvuRun, record: FileRecord): Promise<void> {
  try {
    const failedBefore = countFailed(record);
    const [, passed, , total] = await run();
    const failed = countFailed(record) - failedBefore;
    if (passed + failed !== total) {
      record.problems.push(new Error(`uvu ran ${total} tests, of which ${passed} passed and ${failed} failed`));
    }
  } catch (thrown) {
    record.problems.push(toError(thrown));
  }
}

function countFailed(record: FileRecord): number {
  return record.tests.filter((test) => test.state === "failed").length;
}

function count(record: FileRecord, result: SuiteResult): void {
  for (const test of record.tests) {
    const title = `${test.suite} ${test.name}`;
    if (test.state === "passed") result.passed++;
    else if (test.state === "skipped") result.skipped++;
    else if (test.state === "failed") reportFailure(result, title, test.error ?? new Error("failed without an error"));
    else reportFailure(result, title, new Error("The test was registered and never run"));
  }
  for (const problem of record.problems) reportFailure(result, record.name, problem);
  if (record.tests.length === 0) reportFailure(result, record.name, new Error("The file registered no test"));
}

/** Counts one failure and prints it. */
export function reportFailure(result: SuiteResult, title: string, error: Error): void {
  result.failed++;
  console.log(`FAILED ${title}: ${formatError(error).replaceAll("\n", "\n    ")}`);
}

async function withinLoadTimeout(loading: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`did not load within ${loadTimeoutMs} ms`)), loadTimeoutMs);
  });
  try {
    await Promise.race([loading, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
