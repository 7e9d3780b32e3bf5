import * as assert from "uvu/assert";
import { TaskQueue } from "../../src/transport/task-queue.ts";
import { type PromiseEnds, withResolvers } from "../../src/transport/with-resolvers.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { describe } from "../support/suite.ts";

/** A queue whose items end when a test says so. */
function setUp(concurrency: number, queueLimit = 100) {
  const begun: number[] = [];
  const ends = new Map<number, PromiseEnds<void>>();
  const queue = new TaskQueue<number>({
    concurrency,
    queueLimit,
    run: (item) => {
      begun.push(item);
      const end = withResolvers<void>();
      ends.set(item, end);
      return end.promise;
    },
  });
  const finish = async (item: number): Promise<void> => {
    ends.get(item)!.resolve();
    await ends.get(item)!.promise;
  };
  return { queue, begun, ends, finish };
}

describe("TaskQueue", (test) => {
  test("runs one after the other, in order, with a concurrency of 1", async () => {
    const { queue, begun, finish } = setUp(1);
    for (const item of [1, 2, 3]) queue.add(item);
    assert.equal(begun, [1]);
    await finish(1);
    assert.equal(begun, [1, 2]);
    await finish(2);
    assert.equal(begun, [1, 2, 3]);
  });

  test("runs so many at once and no more, and begins the next as soon as one ends", async () => {
    const { queue, begun, finish } = setUp(2);
    for (const item of [1, 2, 3, 4]) queue.add(item);
    assert.equal(begun, [1, 2]);
    assert.is(queue.size, 4);
    await finish(2);
    assert.equal(begun, [1, 2, 3]);
    await finish(1);
    await finish(3);
    assert.equal(begun, [1, 2, 3, 4]);
    assert.is(queue.size, 1);
  });

  test("runs at once what need not wait, before add() comes back", () => {
    const { queue, begun } = setUp(1);
    queue.add(1);
    assert.equal(begun, [1]);
  });

  test("hasRoom says whether one more may wait, and add() takes it in any case", () => {
    const { queue } = setUp(1, 2);
    for (const room of [true, true, true, false]) {
      assert.is(queue.hasRoom, room);
      queue.add(1);
    }
    assert.is(queue.size, 4);
    const { queue: without } = setUp(1, 0);
    assert.ok(without.hasRoom);
    without.add(1);
    assert.not.ok(without.hasRoom);
  });

  test("dropOldest() takes out what waits longest, never what runs", async () => {
    const { queue, begun, finish } = setUp(1);
    for (const item of [1, 2, 3]) queue.add(item);
    assert.is(queue.oldest, 2);
    assert.is(queue.dropOldest(), 2);
    await finish(1);
    assert.equal(begun, [1, 3]);
    assert.is(queue.dropOldest(), undefined);
    assert.is(queue.oldest, undefined);
  });

  test("clear() takes out all that wait, and what runs goes on", async () => {
    const { queue, begun, finish } = setUp(1);
    for (const item of [1, 2, 3]) queue.add(item);
    assert.equal(queue.clear(), [2, 3]);
    assert.is(queue.size, 1);
    await finish(1);
    assert.equal(begun, [1]);
  });

  test("idle() resolves when nothing runs or waits, at once where that is so", async () => {
    const { queue, finish } = setUp(1);
    await queue.idle();
    queue.add(1);
    queue.add(2);
    let idle = false;
    const whenIdle = Promise.all([queue.idle(), queue.idle()]).then(() => idle = true);
    await finish(1);
    assert.not.ok(idle);
    await finish(2);
    await whenIdle;
  });

  test("goes on after work that rejects", async () => {
    const { queue, begun, ends } = setUp(1);
    queue.add(1);
    queue.add(2);
    ends.get(1)!.reject(new Error("failed"));
    await ends.get(1)!.promise.catch(() => {});
    assert.equal(begun, [1, 2]);
  });

  test("an item that adds items is finished before they begin", () => {
    const steps: string[] = [];
    const queue = new TaskQueue<number>({
      concurrency: 4,
      queueLimit: 10,
      run: (item) => {
        steps.push(`begin ${item}`);
        if (item < 3) queue.add(item + 1);
        steps.push(`end ${item}`);
      },
    });
    queue.add(1);
    assert.equal(steps, ["begin 1", "end 1", "begin 2", "end 2", "begin 3", "end 3"]);
  });

  test("runs 100,000 items that add each other without a deep stack", () => {
    let ran = 0;
    const queue = new TaskQueue<number>({
      concurrency: 100_000,
      queueLimit: 1,
      run: (item) => {
        ran += 1;
        if (item < 100_000) queue.add(item + 1);
      },
    });
    queue.add(1);
    assert.is(ran, 100_000);
  });

  test("runs 100,000 items that waited, in order, in a second", { timeoutMs: 5_000 }, async () => {
    const first = withResolvers<void>();
    let next = 0;
    const queue = new TaskQueue<number>({
      concurrency: 1,
      queueLimit: 100_000,
      run: (item) => {
        assert.is(item, next);
        next += 1;
        return item === 0 ? first.promise : undefined;
      },
    });
    for (let item = 0; item < 100_000; item++) queue.add(item);
    const startedAt = performance.now();
    first.resolve();
    await queue.idle();
    assert.is(next, 100_000);
    assert.ok(performance.now() - startedAt < 1_000, `${Math.round(performance.now() - startedAt)} ms`);
  });

  test("keeps order and count over 20,000 additions, drops and clearings", async () => {
    const { queue, begun, finish } = setUp(1, 1e6);
    const random = seededRandom(9);
    let waiting: number[] = [];
    queue.add(0);
    for (let item = 1; item <= 20_000; item++) {
      queue.add(item);
      waiting.push(item);
      if (random.below(3) === 0) assert.is(queue.dropOldest(), waiting.shift());
      if (random.below(5_000) === 0) {
        assert.equal(queue.clear(), waiting);
        waiting = [];
      }
      assert.is(queue.oldest, waiting[0]);
      assert.is(queue.size, waiting.length + 1);
    }
    const next = waiting[0]!;
    await finish(0);
    assert.equal(begun, [0, next]);
  });

  test("refuses limits that are no whole numbers", () => {
    const create = (concurrency: number, queueLimit: number) => () =>
      new TaskQueue({ concurrency, queueLimit, run: () => {} });
    for (const value of [0, -1, 1.5, Number.NaN, Infinity]) {
      assert.throws(create(value, 1), /^Cannot use `concurrency`: a whole number of at least 1 is wanted/);
    }
    assert.throws(create(1, -1), /^Cannot use `queueLimit`: a whole number of at least 0 is wanted/);
  });

  test("hasRoom looks at the bytes of what waits, and at nothing of what runs", () => {
    const queue = new TaskQueue<number>({
      concurrency: 1,
      queueLimit: 10,
      queueBytes: 100,
      bytesOf: (bytes) => bytes,
      run: () => new Promise(() => {}),
    });
    for (const [bytes, room] of [[500, true], [60, true], [40, false]] as const) {
      queue.add(bytes);
      assert.is(queue.hasRoom, room);
    }
    queue.dropOldest();
    assert.ok(queue.hasRoom);
    queue.add(60);
    assert.not(queue.hasRoom);
    queue.clear();
    assert.ok(queue.hasRoom);
    assert.throws(() => new TaskQueue({ concurrency: 1, queueLimit: 1, queueBytes: 0, run: () => {} }), /`queueBytes`/);
  });
});
