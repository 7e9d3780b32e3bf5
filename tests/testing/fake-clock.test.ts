import * as assert from "uvu/assert";
import { FakeClock } from "../../src/testing/mod.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { describe } from "../support/suite.ts";

describe("FakeClock", (test) => {
  test("stands still until it is told to go on", async () => {
    const clock = new FakeClock(1_000);
    assert.equal([clock.now(), clock.date()], [0, 1_000]);
    await clock.advance(250);
    assert.equal([clock.now(), clock.date()], [250, 1_250]);
  });

  test("fires timers at their own time, in order, also those that others set", async () => {
    const clock = new FakeClock();
    const fired: string[] = [];
    const note = (name: string): void => void fired.push(`${name} at ${clock.now()}`);
    clock.after(30, () => note("third"));
    clock.after(10, () => {
      note("first");
      clock.after(10, () => note("second"));
    });
    clock.after(10, () => note("also first"));
    const taken = clock.after(20, () => note("never"));
    taken.cancel();
    clock.after(31, () => note("too late"));
    await clock.advance(30);
    assert.equal(fired, ["first at 10", "also first at 10", "second at 20", "third at 30"]);
    assert.is(clock.timersWaiting, 1);
  });

  test("lets what a timer sets going end before the next timer", async () => {
    const clock = new FakeClock();
    const steps: string[] = [];
    const work = async (): Promise<void> => {
      for (let step = 0; step < 20; step++) await Promise.resolve();
      steps.push(`done at ${clock.now()}`);
    };
    clock.after(10, () => void work());
    clock.after(11, () => steps.push("next"));
    await clock.advance(20);
    assert.equal(steps, ["done at 10", "next"]);
  });

  test("sees timers that are set by what is going on already", async () => {
    const clock = new FakeClock();
    let fired = false;
    void Promise.resolve().then(() => Promise.resolve()).then(() => {
      clock.after(5, () => {
        fired = true;
      });
    });
    await clock.advance(5);
    assert.ok(fired);
  });

  test("goes no way back, and gives real randomness", async () => {
    const clock = new FakeClock();
    for (const ms of [-1, Number.NaN, Infinity]) {
      await expectRejection(clock.advance(ms), { message: /^Cannot advance a clock by/ });
    }
    const [one, other] = [new Uint8Array(16), new Uint8Array(16)];
    clock.randomBytes(one);
    clock.randomBytes(other);
    assert.not.equal(one, other);
  });
});
