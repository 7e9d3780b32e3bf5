// What really happened to every test, kept apart from uvu's own count: uvu 0.5.6 returns from a `finally`, so an error
// while it formats an error (`null`, a `details` that is no string) is swallowed and the suite looks green.

/** One test of one suite. */
export interface TestRecord {
  readonly suite: string;
  readonly name: string;
  /** Why it is skipped; only on a skipped test. */
  readonly reason?: string;
  state: "registered" | "running" | "passed" | "failed" | "skipped";
  /** What it threw; only on a failed test. */
  error?: Error;
}

/** Everything one test file registered. */
export interface FileRecord {
  readonly name: string;
  readonly tests: TestRecord[];
  /** Failures that belong to no single test, such as an empty suite. */
  readonly problems: Error[];
}

let openRecord: FileRecord | undefined;

/** Starts the record that suites write to until {@linkcode closeFile}. */
export function openFile(name: string): FileRecord {
  openRecord = { name, tests: [], problems: [] };
  return openRecord;
}

/** Ends the record of the open file. */
export function closeFile(): void {
  openRecord = undefined;
}

/**
 * The record of the file being loaded.
 *
 * Throws when no runner is at work: a suite file started by itself would register its tests, run none and exit with 0.
 */
export function currentFile(): FileRecord {
  if (openRecord === undefined) {
    throw new Error("A suite needs the runner: npm test -- <part of the path of the file>");
  }
  return openRecord;
}
