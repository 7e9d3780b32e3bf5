import * as assert from "uvu/assert";
import { type Deadline, DeadlineWheel } from "../../src/transport/deadline-wheel.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { describe } from "../support/suite.ts";

function setUp() {
  const clock = new FakeClock(1_000);
  const wheel = new DeadlineWheel(clock);
  const expired: string[] = [];
  const deadline = (name: string, inMs: number, then?: () => void): Deadline => ({
    expiresAt: clock.now() + inMs,
    expire: () => {
      expired.push(name);
      then?.();
    },
  });
  return { clock, wheel, expired, deadline };
}

describe("DeadlineWheel", (test) => {
  test("expires an entry once, not before its time and at most 10 ms after it", () => {
    const { clock, wheel, expired, deadline } = setUp();
    wheel.add(deadline("a", 101));
    clock.advance(100);
    assert.equal(expired, []);
    clock.advance(11);
    assert.equal(expired, ["a"]);
    clock.advance(10_000);
    assert.equal(expired, ["a"]);
  });

  test("moves an entry that is put in again, and takes out one among many", () => {
    const { clock, wheel, expired, deadline } = setUp();
    const entries = ["first", "middle", "last"].map((name) => ({ ...deadline(name, 100) }));
    for (const entry of entries) wheel.add(entry);
    wheel.add(Object.assign(entries[1]!, { expiresAt: clock.now() + 300 }));
    clock.advance(110);
    assert.equal(expired, ["first", "last"]);
    clock.advance(200);
    assert.equal(expired, ["first", "last", "middle"]);
    assert.is(clock.timersWaiting, 0);
  });

  test("leaves no timer when nothing waits", () => {
    const { clock, wheel, deadline } = setUp();
    const [one, other] = [deadline("one", 100), deadline("other", 200)];
    wheel.add(one);
    wheel.add(other);
    wheel.remove(one);
    wheel.remove(other);
    assert.is(clock.timersWaiting, 0);
    wheel.add(deadline("late", 50));
    clock.advance(100);
    assert.is(clock.timersWaiting, 0);
  });

  test("runs one timer, whatever waits, and takes the nearest", () => {
    const { clock, wheel, expired, deadline } = setUp();
    for (const inMs of [500, 100, 300, 100, 105]) wheel.add(deadline(String(inMs), inMs));
    assert.is(clock.timersWaiting, 1);
    clock.advance(120);
    assert.equal(expired.sort(), ["100", "100", "105"]);
    assert.is(clock.timersWaiting, 1);
    clock.advance(500);
    assert.is(expired.length, 5);
  });

  test("makes few timers for many entries of one duration", () => {
    const { clock, wheel, deadline } = setUp();
    for (let index = 0; index < 1_000; index++) wheel.add(deadline("a", 5_000));
    assert.ok(clock.timersMade <= 2, `${clock.timersMade} timers`);
  });

  test("does not expire what was taken out, also when an entry takes it out as it expires", () => {
    const { clock, wheel, expired, deadline } = setUp();
    const second = deadline("second", 100);
    wheel.add(deadline("first", 100, () => wheel.remove(second)));
    wheel.add(second);
    clock.advance(200);
    assert.equal(expired, ["first"]);
    assert.is(clock.timersWaiting, 0);
  });

  test("takes an entry that another adds as it expires", () => {
    const { clock, wheel, expired, deadline } = setUp();
    wheel.add(deadline("first", 100, () => {
      wheel.add(deadline("at once", 0));
      wheel.add(deadline("later", 100));
    }));
    clock.advance(120);
    assert.equal(expired, ["first", "at once"]);
    clock.advance(100);
    assert.equal(expired, ["first", "at once", "later"]);
  });

  test("waits on when its timer fires early", () => {
    const { clock, wheel, expired, deadline } = setUp();
    wheel.add(deadline("a", 100));
    clock.fireEarly(0.4);
    assert.equal(expired, []);
    clock.advance(1);
    assert.equal(expired, ["a"]);
  });

  test("expires what is due already at once", () => {
    const { clock, wheel, expired, deadline } = setUp();
    wheel.add(deadline("past", -5_000));
    assert.equal(expired, [], "not inside add()");
    clock.advance(0);
    assert.equal(expired, ["past"]);
  });

  test("removing an entry that is not in it is harmless", () => {
    const { wheel, deadline, clock } = setUp();
    wheel.remove(deadline("never in", 100));
    const entry = deadline("a", 100);
    wheel.add(entry);
    clock.advance(200);
    wheel.remove(entry);
  });

  test("keeps to every entry's time over 2,000 additions and removals", () => {
    const { clock, wheel } = setUp();
    const random = seededRandom(8);
    const waiting = new Set<Deadline>();
    for (let round = 0; round < 2_000; round++) {
      const entry: Deadline = {
        expiresAt: clock.now() + random.below(300),
        expire: () => {
          assert.ok(waiting.delete(entry), "once, and not after its removal");
          assert.ok(clock.now() >= entry.expiresAt && clock.now() <= entry.expiresAt + 10, "in time");
        },
      };
      waiting.add(entry);
      wheel.add(entry);
      if (random.below(3) === 0) {
        const gone = random.pick([...waiting]);
        waiting.delete(gone);
        wheel.remove(gone);
      }
      clock.advance(random.below(8));
    }
    clock.advance(400);
    assert.is(waiting.size, 0);
    assert.is(clock.timersWaiting, 0);
  });

  test("keeps an entry once that is put in again, among others and alone", () => {
    const { clock, wheel } = setUp();
    const expired: string[] = [];
    const [one, other] = ["one", "other"].map((name): Deadline => ({
      expiresAt: clock.now() + 20,
      expire: () => void expired.push(name),
    }));
    for (const entry of [one!, other!, one!, one!]) wheel.add(entry);
    clock.advance(100);
    assert.equal(expired.sort(), ["one", "other"]);
    assert.is(clock.timersWaiting, 0);
  });
});
