import * as assert from "uvu/assert";
import { MessagingError, type MessagingErrorOptions } from "../../mod.ts";
import { RetryPolicy } from "../../src/client/retry-policy.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { LoadedClock } from "../support/loaded-clock.ts";
import { describe } from "../support/suite.ts";

/** A clock whose dice always fall in the middle: no jitter. */
class FairClock extends FakeClock {
  override randomBytes(bytes: Uint8Array<ArrayBuffer>): void {
    bytes.fill(127.5);
  }
}

function failed(code: string, options: MessagingErrorOptions = {}): MessagingError {
  return new MessagingError(code, "it failed", options);
}

function roundedWait(policy: RetryPolicy, error: MessagingError, failures: number): number | undefined {
  const waitMs = policy.waitMs(error, failures);
  return waitMs === undefined ? undefined : Math.round(waitMs);
}

describe("RetryPolicy", (test) => {
  test("waits twice as long after each failure, up to a second", () => {
    const policy = new RetryPolicy({}, new FairClock());
    const waits = [1, 2, 3, 4, 5, 6, 7].map((failures) => policy.waitMs(failed("NO_RESPONDERS"), failures)!);
    for (const [index, expected] of [50, 100, 200, 400, 800, 1_000, 1_000].entries()) {
      assert.ok(Math.abs(waits[index]! - expected) < expected * 0.01, `${waits}`);
    }
  });

  test("waits a fifth more or less, by chance", () => {
    assert.is(roundedWait(new RetryPolicy({}, new LoadedClock(0)), failed("NO_RESPONDERS"), 2), 80);
    assert.is(roundedWait(new RetryPolicy({}, new LoadedClock(255)), failed("NO_RESPONDERS"), 2), 120);
  });

  test("does not wait where the next attempt itself waits for the connection", () => {
    const policy = new RetryPolicy({}, new FairClock());
    assert.is(policy.waitMs(failed("DISCONNECTED"), 3), 0);
    assert.ok(policy.waitMs(failed("DISCONNECTED", { execution: "not-executed" }), 3)! > 150);
  });

  test("waits at least as long as the service asks for, and up to a fifth longer", () => {
    const busy = failed("BUSY", { retryAfterMs: 700 });
    assert.is(roundedWait(new RetryPolicy({}, new LoadedClock(0)), busy, 1), 700);
    assert.is(roundedWait(new RetryPolicy({}, new LoadedClock(255)), busy, 1), 840);
    assert.is(roundedWait(new RetryPolicy({}, new FairClock()), failed("BUSY", { retryAfterMs: 0 }), 1), 50);
  });

  test("takes up what a contract calls retryable, and nothing that is not", () => {
    const policy = new RetryPolicy({}, new FairClock());
    assert.ok(policy.waitMs(failed("LOCKED", { retryable: true }), 1)! > 0);
    for (const code of ["INVALID_REQUEST", "INTERNAL", "FORBIDDEN", "CANCELLED", "OUT_OF_STOCK"]) {
      assert.is(policy.waitMs(failed(code), 1), undefined);
    }
  });

  test("stops after five failures that cost a service work, and goes on after fifty answers", () => {
    const ways: ((policy: RetryPolicy) => boolean)[] = [
      (policy) => policy.waitMs(failed("BUSY"), 1) !== undefined,
      (policy) => policy.waitMs(failed("TIMEOUT"), 1) !== undefined,
      (policy) => policy.silent(),
    ];
    for (const fail of ways) {
      const policy = new RetryPolicy({}, new FairClock());
      const tries = Array.from({ length: 6 }, () => fail(policy));
      assert.equal(tries, [true, true, true, true, false, false]);
      for (let answer = 0; answer < 10; answer++) policy.answered();
      assert.not(policy.allowsRetries);
      for (let answer = 0; answer < 11; answer++) policy.answered();
      assert.ok(policy.allowsRetries);
      for (let answer = 0; answer < 20; answer++) policy.answered();
      assert.ok(fail(policy));
    }
  });

  test("counts nothing against services that never had work: losses, nobody there, attempts that never left", () => {
    const policy = new RetryPolicy({}, new FairClock());
    const free = [
      failed("DISCONNECTED"),
      failed("NO_RESPONDERS"),
      failed("DISCONNECTED", { execution: "not-executed" }),
    ];
    for (let round = 0; round < 20; round++) {
      for (const error of free) assert.ok(policy.waitMs(error, 1) !== undefined);
    }
    assert.ok(policy.waitMs(failed("BUSY"), 1) !== undefined);
  });

  test("gives an attempt a third of the request's time to itself, or what it is told", () => {
    assert.is(new RetryPolicy({}, new FairClock()).attemptTimeoutMs(6_000), 2_000);
    assert.is(new RetryPolicy({ attemptTimeoutMs: 500 }, new FairClock()).attemptTimeoutMs(6_000), 500);
  });

  test("takes its budget from its options", () => {
    const policy = new RetryPolicy({ budget: { tokens: 2, ratio: 1 } }, new FairClock());
    assert.is(policy.waitMs(failed("BUSY"), 1), undefined);
    policy.answered();
    policy.answered();
    assert.is(policy.waitMs(failed("BUSY"), 1), undefined);
    const wide = new RetryPolicy({ budget: { tokens: 100 } }, new FairClock());
    for (let failure = 0; failure < 49; failure++) assert.ok(wide.waitMs(failed("BUSY"), 1) !== undefined);
    assert.is(wide.waitMs(failed("BUSY"), 1), undefined);
  });

  test("refuses options that cannot work", () => {
    const refused = [
      { attempts: 0 },
      { attempts: 1.5 },
      { attempts: 11 },
      { attemptTimeoutMs: 0 },
      { attemptTimeoutMs: Number.NaN },
      { budget: { tokens: 0 } },
      { budget: { tokens: 1_001 } },
      { budget: { ratio: -0.1 } },
      { budget: { ratio: 2 } },
    ];
    for (const options of refused) {
      assert.throws(
        () => new RetryPolicy(options, new FakeClock()),
        (error: unknown) => error instanceof TypeError && /^Cannot use `retry\./.test(error.message),
        JSON.stringify(options),
      );
    }
  });
});
