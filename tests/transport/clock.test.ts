import * as assert from "uvu/assert";
import { systemClock } from "../../src/transport/clock.ts";
import { describe } from "../support/suite.ts";

function after(delayMs: number): Promise<void> {
  return new Promise((fired) => void systemClock.after(delayMs, fired));
}

describe("systemClock", (test) => {
  test("after() fires once, not before its time", async () => {
    const startedAt = systemClock.now();
    await after(20);
    // Node's timers may fire a part of a millisecond early.
    assert.ok(systemClock.now() - startedAt >= 19);
  });

  test("after() does not fire when it was cancelled, and cancelling twice is harmless", async () => {
    let fired = false;
    const timer = systemClock.after(1, () => fired = true);
    timer.cancel();
    timer.cancel();
    await after(10);
    assert.not.ok(fired);
  });

  test("after() does not fire at once for a delay over 24 days", async () => {
    let fired = false;
    const timers = [2 ** 31, Number.MAX_SAFE_INTEGER, Infinity].map((delayMs) =>
      systemClock.after(delayMs, () => fired = true)
    );
    await after(20);
    for (const timer of timers) timer.cancel();
    assert.not.ok(fired);
  });

  test("now() never goes back, and date() is a time of day", () => {
    let last = systemClock.now();
    for (let round = 0; round < 10_000; round++) {
      const now = systemClock.now();
      assert.ok(now >= last);
      last = now;
    }
    assert.ok(Math.abs(systemClock.date() - Date.now()) < 1_000);
  });

  test("randomBytes() fills the whole array", () => {
    const bytes = new Uint8Array(256);
    systemClock.randomBytes(bytes);
    assert.ok(new Set(bytes).size > 100);
  });
});
