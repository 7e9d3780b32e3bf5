import * as assert from "uvu/assert";
import { EventQueue, type EventQueueOptions } from "../../src/client/event-queue.ts";
import { type PromiseEnds, withResolvers } from "../../src/transport/with-resolvers.ts";
import { describe } from "../support/suite.ts";

/** A queue whose handlers end when the test says so; what happens is noted in order. */
function setUp(options: Partial<EventQueueOptions<string>> = {}) {
  const notes: string[] = [];
  const running: PromiseEnds<void>[] = [];
  const seen = { dropped: 0 };
  const queue = new EventQueue<string>({
    concurrency: 1,
    queueLimit: 2,
    queueBytes: 1_000,
    overflow: "drop-oldest",
    run: (event, missed) => {
      notes.push(missed === 0 ? event : `${event} after ${missed}`);
      const end = withResolvers<void>();
      running.push(end);
      return end.promise;
    },
    onGap: ({ reason, missed }) => void notes.push(`gap: ${reason} ${missed ?? "?"}`),
    onDropped: () => seen.dropped += 1,
    onCut: () => void notes.push("cut"),
    ...options,
  });
  const settle = async (): Promise<void> => {
    while (running.length > 0) {
      running.shift()!.resolve();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const addAll = (...events: string[]): void => events.forEach((event) => queue.add(event, 1));
  return { queue, notes, seen, settle, addAll };
}

describe("EventQueue", (test) => {
  test("hands events on in order, and a gap in its place among them", async () => {
    const { queue, notes, settle, addAll } = setUp();
    addAll("a", "b");
    queue.addGap({ reason: "outage", missed: undefined });
    await settle();
    addAll("c");
    await settle();
    assert.equal(notes, ["a", "b", "gap: outage ?", "c"]);
  });

  test("tells of a gap at once when nothing waits", () => {
    const { queue, notes } = setUp();
    queue.addGap({ reason: "moved", missed: undefined });
    assert.equal(notes, ["gap: moved ?"]);
  });

  test("drops the oldest, and says so just before the next", async () => {
    const { notes, seen, settle, addAll } = setUp();
    addAll("a", "b", "c", "d", "e");
    assert.is(seen.dropped, 2);
    await settle();
    assert.equal(notes, ["a", "gap: overflow 2", "d after 2", "e"]);
  });

  test("drops the newest, and says so behind the last that it took, also when no other comes", async () => {
    const { notes, seen, settle, addAll } = setUp({ overflow: "drop-newest" });
    addAll("a", "b", "c", "d", "e");
    assert.is(seen.dropped, 2);
    await settle();
    assert.equal(notes, ["a", "b", "c", "gap: overflow 2"]);
    addAll("f");
    await settle();
    assert.equal(notes.slice(4), ["f after 2"]);
    addAll("g", "h", "i", "j");
    await settle();
    assert.equal(notes.slice(5), ["g", "h", "i", "gap: overflow 1"]);
  });

  test("drops the newest where none may wait, whatever the policy", async () => {
    const { notes, settle, addAll } = setUp({ queueLimit: 0 });
    addAll("a", "b", "c");
    await settle();
    addAll("d");
    await settle();
    assert.equal(notes, ["a", "gap: overflow 2", "d after 2"]);
  });

  test("is cut once, takes nothing more, and hands on what it had", async () => {
    const { queue, notes, seen, settle, addAll } = setUp({ overflow: "disconnect" });
    addAll("a", "b", "c", "d", "e");
    await settle();
    addAll("f");
    await queue.idle();
    assert.equal(notes, ["a", "cut", "b", "c"]);
    assert.is(seen.dropped, 0);
  });

  test("counts bytes too, and drops as many as it must", async () => {
    const { queue, notes, seen, settle } = setUp({ queueLimit: 10, queueBytes: 100 });
    queue.add("runs", 500);
    for (const event of ["a", "b", "c"]) queue.add(event, 40);
    queue.add("large", 90);
    assert.is(seen.dropped, 1);
    queue.add("d", 1);
    assert.is(seen.dropped, 3);
    await settle();
    assert.equal(notes, ["runs", "gap: overflow 3", "large after 3", "d"]);
  });

  test("loses no gap when it drops what waits around it", async () => {
    const { queue, notes, settle, addAll } = setUp();
    addAll("a", "b");
    queue.addGap({ reason: "outage", missed: undefined });
    addAll("c", "d", "e");
    await settle();
    assert.equal(notes, ["a", "gap: outage ?", "gap: overflow 2", "d after 2", "e"]);
  });

  test("waits for what is done about a gap before the next event", async () => {
    const done = withResolvers<void>();
    const { notes, settle, addAll } = setUp({ onGap: () => done.promise });
    addAll("a", "b", "c", "d");
    await settle();
    assert.equal(notes, ["a"]);
    done.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    await settle();
    assert.equal(notes, ["a", "c after 1", "d"]);
  });

  test("end() drops what waits", async () => {
    const { queue, notes, settle, addAll } = setUp();
    addAll("a", "b", "c");
    const ended = queue.end();
    await settle();
    await ended;
    assert.equal(notes, ["a"]);
  });

  test("refuses a policy that is none", () => {
    assert.throws(() => setUp({ overflow: "drop" as never }), /^Cannot use `overflow`/);
  });
});
