import * as assert from "uvu/assert";
import { pause } from "../../src/transport/pause.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { describe } from "../support/suite.ts";

describe("pause()", (test) => {
  test("is over at once, and leaves no timer, where the signal had aborted before", async () => {
    const clock = new FakeClock();
    await pause(clock, 5_000, AbortSignal.abort());
    assert.is(clock.timersWaiting, 0);
  });

  test("ends when the signal aborts, and takes its timer with it", async () => {
    const clock = new FakeClock();
    const leaving = new AbortController();
    const over = pause(clock, 5_000, leaving.signal);
    assert.is(clock.timersWaiting, 1);
    leaving.abort();
    await over;
    assert.is(clock.timersWaiting, 0);
  });
});
