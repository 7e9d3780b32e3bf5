import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { expectRejection } from "./expect-rejection.ts";
import type { SuiteResult } from "./run-suites.ts";
import { describe } from "./suite.ts";

interface FixtureRun {
  readonly exitCode: number;
  readonly output: string;
  readonly result: SuiteResult | undefined;
}

async function runFixture(name: string, viaRunner = true): Promise<FixtureRun> {
  const runner = fileURLToPath(new URL("./run-file.ts", import.meta.url));
  const fixture = fileURLToPath(new URL(`./fixtures/${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", ...(viaRunner ? [runner] : []), fixture], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => output += chunk);
  child.stderr.on("data", (chunk) => output += chunk);
  const [exitCode] = await once(child, "close") as [number];
  const line = /^@@result (.*)$/m.exec(output)?.[1];
  return { exitCode, output, result: line === undefined ? undefined : JSON.parse(line) };
}

async function expectResult(name: string, expected: SuiteResult, text?: RegExp): Promise<void> {
  const { exitCode, output, result } = await runFixture(name);
  assert.equal(result, expected, output);
  assert.is(exitCode, expected.failed > 0 ? 1 : 0, output);
  if (text !== undefined) assert.match(output, text);
}

describe("the guard", (test) => {
  test("passes a file whose tests pass", () => expectResult("passes", { passed: 2, failed: 0, skipped: 0 }));

  test("counts a skip as a skip and says why", () =>
    expectResult(
      "skips",
      { passed: 1, failed: 0, skipped: 1 },
      /^SKIPPED skips one that needs the moon: no moon here$/m,
    ));

  test("fails tests that throw null, a string, or an error that uvu cannot format", () =>
    expectResult("throws-values", { passed: 0, failed: 3, skipped: 0 }, /FAILED throws values null: .*no Error: null/));

  test("fails a test that never settles and runs the next one", () =>
    expectResult("never-settles", { passed: 1, failed: 1, skipped: 0 }, /did not settle within 50 ms/));

  test("fails a file without tests", () =>
    expectResult("no-tests", { passed: 0, failed: 1, skipped: 0 }, /registered no test/));

  test("fails a suite without tests beside a full one", () =>
    expectResult("empty-suite", { passed: 1, failed: 1, skipped: 0 }, /"empty suite" registered no test/));

  test("fails a file that throws at load, and still runs what it had registered", () =>
    expectResult("throws-at-load", { passed: 1, failed: 1, skipped: 0 }, /thrown at load/));

  test("fails on a rejection that nobody handles", () =>
    expectResult("rejects-unhandled", { passed: 1, failed: 1, skipped: 0 }, /nobody listens/));

  test("fails on an exception that nobody catches", () =>
    expectResult("throws-uncaught", { passed: 1, failed: 1, skipped: 0 }, /thrown in a timer/));

  test("fails a suite with two tests of one name", () =>
    expectResult("duplicate-names", { passed: 2, failed: 1, skipped: 0 }, /two tests named "same"/));

  test("fails a suite whose callback is async, and the test that it registers too late to run", () =>
    expectResult("async-callback", { passed: 1, failed: 3, skipped: 0 }, /lost: Error: .* registered and never run/));

  test("leaves no result behind when a test ends the process", async () => {
    const { result } = await runFixture("exits");
    assert.is(result, undefined);
  });

  test("refuses a suite file that is started without the runner", async () => {
    const { exitCode, output } = await runFixture("passes", false);
    assert.is(exitCode, 1, output);
    assert.match(output, /A suite needs the runner/);
  });
});

describe("expectRejection()", (test) => {
  const failure = Object.assign(new Error("no responders"), { code: "NO_RESPONDERS" });

  test("returns the error whose code and message fit", async () => {
    assert.is(
      await expectRejection(Promise.reject(failure), { code: "NO_RESPONDERS", message: /responders$/ }),
      failure,
    );
  });

  test("rejects when the promise fulfils", async () => {
    const error = await expectRejection(expectRejection(Promise.resolve(7)));
    assert.is((error as Error).message, "Expected a rejection, got a value: 7");
  });

  test("rejects when the code or the message is another", async () => {
    await expectRejection(expectRejection(Promise.reject(failure), { code: "TIMEOUT" }), {
      message: /code TIMEOUT, got/,
    });
    await expectRejection(expectRejection(Promise.reject(failure), { message: /x/ }), { message: /message like/ });
  });
});
