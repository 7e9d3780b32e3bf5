import * as assert from "uvu/assert";
import { reconnectDelayMs } from "../../src/transport/reconnect-delay.ts";
import { LoadedClock } from "../support/loaded-clock.ts";
import { describe } from "../support/suite.ts";

describe("reconnectDelayMs()", (test) => {
  test("is nothing at first, short while a restarted peer may come back, and never over 2 s", () => {
    const longest = new LoadedClock(255);
    const delays = Array.from({ length: 60 }, (_, attempt) => reconnectDelayMs(attempt, longest));
    assert.equal(delays.slice(0, 6), [0, 50, 100, 200, 250, 250]);
    assert.equal(delays.slice(40, 46), [250, 500, 1_000, 2_000, 2_000, 2_000]);
    assert.is(reconnectDelayMs(1_000_000, longest), 2_000);
  });

  test("is spread over all of that time, but for the least", () => {
    assert.is(reconnectDelayMs(30, new LoadedClock(0)), 10);
    assert.is(reconnectDelayMs(30, new LoadedClock(51)), 50);
  });
});
