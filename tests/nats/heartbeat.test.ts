import * as assert from "uvu/assert";
import { Heartbeat } from "../../src/nats/heartbeat.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { describe } from "../support/suite.ts";

function setUp() {
  const clock = new FakeClock(0);
  const asked: number[] = [];
  const silent: [at: number, silentMs: number][] = [];
  const heartbeat = new Heartbeat({
    clock,
    intervalMs: 1_000,
    maxSilent: 2,
    ask: () => asked.push(clock.now()),
    onSilent: (silentMs) => silent.push([clock.now(), silentMs]),
  });
  return { clock, heartbeat, asked, silent };
}

describe("Heartbeat", (test) => {
  test("asks once an interval, and is content as long as it hears anything", () => {
    const { clock, heartbeat, asked, silent } = setUp();
    for (let second = 0; second < 10; second++) {
      clock.advance(1_000);
      heartbeat.heard();
    }
    assert.equal(asked, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((second) => second * 1_000));
    assert.equal(silent, []);
  });

  test("tells after exactly two intervals of silence, whenever the last sign of life came", () => {
    for (const heardAt of [0, 1, 400, 999, 1_000, 1_001, 1_700]) {
      const { clock, heartbeat, asked, silent } = setUp();
      clock.advance(heardAt);
      heartbeat.heard();
      clock.advance(5_000);
      assert.equal(silent, [[heardAt + 2_000, 2_000]]);
      assert.ok(asked.some((at) => at >= heardAt && at < heardAt + 2_000), "it was not asked");
      assert.is(clock.timersWaiting, 0);
    }
  });

  test("gives the broker another interval after the process itself stood still", () => {
    const { clock, heartbeat, silent, asked } = setUp();
    clock.skip(6_000);
    assert.equal([silent, asked], [[], [6_000]]);
    heartbeat.heard();
    clock.advance(1_999);
    assert.equal(silent, []);
    clock.skip(5_000);
    clock.advance(1_000);
    assert.equal(silent, [[13_999, 7_999]]);
  });

  test("says nothing after it was stopped", () => {
    const { clock, heartbeat, silent } = setUp();
    heartbeat.stop();
    clock.advance(10_000);
    assert.equal(silent, []);
    assert.is(clock.timersWaiting, 0);
  });
});
