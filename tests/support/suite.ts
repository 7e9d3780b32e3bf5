// This import stays first: it prepares what uvu reads while it loads.
import "./uvu-queue.ts";
import { suite as createUvuSuite } from "uvu";
import { currentFile, type FileRecord, type TestRecord } from "./ledger.ts";
import { toError } from "./to-error.ts";

/** The body of a test; it fails when it throws, rejects, or does not settle in time. */
export type TestBody = () => unknown;

export interface TestOptions {
  /** How long the body may take, in milliseconds. @default 10000 */
  readonly timeoutMs?: number;
}

/** Registers one test of a suite. */
export interface RegisterTest {
  (name: string, body: TestBody): void;
  (name: string, options: TestOptions, body: TestBody): void;
  /** Leaves a test out, loudly, for a reason that a reader of the output can act on. */
  skip(name: string, reason: string): void;
}

const defaultTimeoutMs = 10_000;

/**
 * Registers a suite of tests and queues it for the runner.
 *
 * There are no hooks and no `.only`: set-up belongs in the test, with `await using` or `try … finally`.
 */
export function describe(title: string, register: (test: RegisterTest) => void): void {
  const file = currentFile();
  const uvuSuite = createUvuSuite(title);
  const names = new Set<string>();
  let open = true;

  function add(record: TestRecord): void {
    if (!open) {
      file.problems.push(new Error(`"${title}" got the test "${record.name}" after its callback had returned`));
    }
    if (names.has(record.name)) file.problems.push(new Error(`"${title}" has two tests named "${record.name}"`));
    names.add(record.name);
    file.tests.push(record);
  }

  function test(name: string, ...rest: [TestBody] | [TestOptions, TestBody]): void {
    const [options, body] = rest.length === 1 ? [{}, rest[0]] : rest;
    const record: TestRecord = { suite: title, name, state: "registered" };
    add(record);
    uvuSuite(name, () => runGuarded(record, body, options.timeoutMs ?? defaultTimeoutMs));
  }

  test.skip = (name: string, reason: string): void => {
    if (!reason) file.problems.push(new Error(`"${title}" skips "${name}" without a reason`));
    add({ suite: title, name, reason, state: "skipped" });
    uvuSuite.skip(name);
    console.log(`SKIPPED ${title} ${name}: ${reason}`);
  };

  const returned: unknown = (register as (test: RegisterTest) => unknown)(test);
  open = false;
  refuseEmptyOrAsync(file, title, names.size, returned);
  uvuSuite.run();
}

function refuseEmptyOrAsync(file: FileRecord, title: string, count: number, returned: unknown): void {
  if (count === 0) file.problems.push(new Error(`"${title}" registered no test`));
  if (returned instanceof Promise) {
    file.problems.push(new Error(`The callback of "${title}" is async: tests after its first await would be lost`));
    returned.catch((thrown) => file.problems.push(toError(thrown)));
  }
}

async function runGuarded(record: TestRecord, body: TestBody, timeoutMs: number): Promise<void> {
  record.state = "running";
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The test did not settle within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    await Promise.race([(async () => await body())(), deadline]);
    record.state = "passed";
  } catch (thrown) {
    record.state = "failed";
    record.error = toError(thrown);
    // A plain Error: uvu loses the failure when it cannot format what it is given.
    throw new Error(record.error.message);
  } finally {
    clearTimeout(timer);
  }
}
