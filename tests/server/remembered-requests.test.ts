import * as assert from "uvu/assert";
import { MessageHeaders } from "../../mod.ts";
import type { Answer } from "../../src/server/answer.ts";
import { RememberedRequests } from "../../src/server/remembered-requests.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { describe } from "../support/suite.ts";

function setUp(limits: Partial<ConstructorParameters<typeof RememberedRequests>[0]> = {}) {
  const clock = new FakeClock();
  const requests = new RememberedRequests({ windowMs: 1_000, maxRequests: 100, maxBytes: 10_000, clock, ...limits });
  const remember = (key: string, bytes = 10): void => requests.begin(key, 1).settle(answerOf(bytes));
  const known = (...keys: string[]): boolean[] => keys.map((key) => requests.find(key) !== undefined);
  return { clock, requests, remember, known };
}

function answerOf(bytes: number): Answer {
  return { body: new Uint8Array(bytes), headers: MessageHeaders.empty, failure: undefined };
}

const never = new AbortController().signal;

describe("RememberedRequests", (test) => {
  test("find() gives one that runs, and its answer once there is one", async () => {
    const { requests } = setUp();
    const first = requests.begin("a", 7);
    assert.is(requests.find("a"), first);
    assert.is(requests.find("b"), undefined);
    assert.equal([first.fingerprint, first.answer], [7, undefined]);
    const waiting = [first.whenSettled(never), first.whenSettled(never)];
    const answer = answerOf(1);
    first.settle(answer);
    assert.equal(await Promise.all(waiting), [answer, answer]);
    assert.is(requests.find("a")!.answer, answer);
    assert.is(await first.whenSettled(never), answer);
  });

  test("forgets one without an answer that is worth keeping, and tells those who wait", async () => {
    const { requests, known } = setUp();
    const first = requests.begin("a", 1);
    const waiting = first.whenSettled(never);
    first.settle(undefined);
    first.settle(answerOf(1));
    assert.is(await waiting, undefined);
    assert.equal(known("a"), [false]);
    assert.is(requests.size, 0);
  });

  test("wakes one who waits when its signal aborts", async () => {
    const { requests } = setUp();
    const first = requests.begin("a", 1);
    const abort = new AbortController();
    const waiting = first.whenSettled(abort.signal);
    abort.abort();
    assert.is(await waiting, undefined);
    assert.is(await first.whenSettled(abort.signal), undefined);
  });

  test("remembers for its window after the answer, however long it ran", () => {
    const { clock, requests, known } = setUp();
    const slow = requests.begin("a", 1);
    clock.advance(5_000);
    assert.equal(known("a"), [true]);
    slow.settle(answerOf(1));
    requests.begin("b", 1).settle(undefined);
    clock.advance(999);
    requests.begin("b", 1).settle(undefined);
    assert.equal(known("a"), [true]);
    clock.advance(1);
    assert.equal(known("a"), [false]);
    requests.begin("b", 1);
    clock.advance(1_000);
    requests.begin("c", 1);
    assert.is(requests.size, 2, "it is gone for good");
  });

  test("keeps so many, the newest half of them for certain", () => {
    const { requests, remember, known } = setUp({ maxRequests: 4 });
    for (const key of ["a", "b", "c", "d", "e"]) {
      remember(key);
      assert.ok(requests.size <= 4);
    }
    assert.equal(known("a", "b", "c", "d", "e"), [false, false, true, true, true]);
    for (let number = 0; number < 100; number++) {
      remember(`${number}`);
      assert.ok(requests.size <= 4);
      if (number > 0) assert.equal(known(`${number - 1}`, `${number}`), [true, true]);
    }
  });

  test("keeps so many bytes, and nothing that would take more than half of them", () => {
    const { requests, remember, known } = setUp({ maxRequests: 1_000, maxBytes: 1_000 });
    remember("huge", 600);
    assert.equal(known("huge"), [false]);
    for (let number = 0; number < 100; number++) {
      remember(`${number}`, 200);
      assert.ok(requests.size <= 6);
      assert.equal(known(`${number}`), [true]);
    }
  });

  test("never forgets one that runs", () => {
    const { requests, remember, known, clock } = setUp({ maxRequests: 2 });
    const slow = requests.begin("slow", 1);
    for (let number = 0; number < 100; number++) remember(`${number}`);
    clock.advance(1_000_000);
    for (let number = 0; number < 100; number++) remember(`${number}`);
    assert.is(requests.find("slow"), slow);
    slow.settle(answerOf(1));
    assert.equal(known("slow"), [true]);
    clock.advance(1_000);
    assert.equal(known("slow"), [false]);
  });

  test("remembers nothing with a window of 0", () => {
    const { requests, remember } = setUp({ windowMs: 0 });
    requests.begin("a", 1);
    assert.is(requests.find("a"), undefined);
    remember("b");
    assert.is(requests.find("b"), undefined);
    assert.is(requests.size, 0);
  });

  test("sets no timer", () => {
    const { clock, remember } = setUp();
    remember("a");
    assert.is(clock.timersMade, 0);
  });

  test("refuses limits that are none", () => {
    for (const limits of [{ windowMs: -1 }, { maxRequests: Number.NaN }, { maxBytes: Infinity }]) {
      assert.throws(() => setUp(limits), /^Cannot use `deduplication\.\w+`: a number of at least 0/);
    }
  });
});
