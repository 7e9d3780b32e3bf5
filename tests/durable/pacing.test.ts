import * as assert from "uvu/assert";
import { MemoryBroker, MemoryTransport, MessagingError } from "../../mod.ts";
import { retryDelayMs } from "../../src/durable/retry-pace.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { describe } from "../support/suite.ts";
import { until } from "../support/until.ts";
import { openScene, type Scene } from "./scene.ts";

interface TimedScene {
  readonly scene: Scene;
  readonly clock: FakeClock;
}

async function openTimed(): Promise<TimedScene> {
  const clock = new FakeClock();
  const broker = new MemoryBroker({ clock });
  return { clock, scene: await openScene(() => new MemoryTransport({ broker, clock }), { clock }) };
}

/** Turns of the event loop, until nothing that is ready is left. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe("The pace of attempts", (test) => {
  test("is the list's, up to a fifth longer, its last for all that follow", async () => {
    const { scene, clock } = await openTimed();
    await using _scene = scene;
    const times: number[] = [];
    const options = { durable: "billing", from: "all", maxAttempts: 5, backoffMs: [100, 1_000] } as const;
    await scene.client.subscribe("orderPaid", options, (_data, { attempt }) => {
      times[attempt] = clock.now();
      throw new TypeError("no");
    }).ready;
    await scene.server.broadcast("orderPaid", { id: "1" });
    for (let attempt = 1; attempt <= 5; attempt++) {
      await until(`attempt ${attempt}`, () => {
        clock.advance(5);
        return times[attempt] !== undefined;
      });
    }
    const gaps = times.slice(2).map((time, index) => time - times[index + 1]!);
    for (const [index, wanted] of [100, 1_000, 1_000, 1_000].entries()) {
      assert.ok(gaps[index]! >= wanted && gaps[index]! <= wanted * 1.2 + 100, `${gaps}`);
    }
  });

  test("doubles up to half a minute by itself, of which at least half is waited for", () => {
    const clock = new FakeClock();
    for (let attempt = 1; attempt <= 40; attempt++) {
      const ceiling = Math.min(30_000, 100 * 2 ** (attempt - 1));
      const delays = Array.from({ length: 50 }, () => retryDelayMs(attempt, undefined, new Error("x"), clock));
      assert.ok(delays.every((delay) => delay >= ceiling / 2 && delay <= ceiling), `attempt ${attempt}`);
      assert.ok(new Set(delays).size > 5, "they do not all come together");
    }
  });

  test("is no faster than an error asks for, up to an hour", () => {
    const clock = new FakeClock();
    const busy = (retryAfterMs: number): MessagingError => new MessagingError("BUSY", "Later", { retryAfterMs });
    assert.is(retryDelayMs(1, [10], busy(60_000), clock), 60_000);
    assert.is(retryDelayMs(1, [10], busy(9e9), clock), 3_600_000);
    assert.ok(retryDelayMs(1, [500], busy(1), clock) >= 500);
  });
});

describe("A handler that does not end", (test) => {
  test("holds disconnect() up for ten seconds, and its event comes again", async () => {
    const { scene, clock } = await openTimed();
    await using _scene = scene;
    let started = false;
    const hang = (): Promise<void> => {
      started = true;
      return new Promise(() => {});
    };
    const options = { durable: "billing", from: "all", ackWaitMs: 30_000 } as const;
    await scene.client.subscribe("orderPaid", options, hang).ready;
    await scene.server.broadcast("orderPaid", { id: "1" });
    await until("the handler", () => started);
    let gone = false;
    const leaving = scene.client.disconnect().then(() => gone = true);
    await settle();
    clock.advance(9_999);
    await settle();
    assert.is(gone, false);
    clock.advance(1);
    await leaving;
    const attempts: number[] = [];
    await scene.client.connect();
    await scene.client.subscribe("orderPaid", options, (_data, { attempt }) => void attempts.push(attempt)).ready;
    await settle();
    assert.equal(attempts, []);
    await until("it to come again", () => {
      clock.advance(1_000);
      return attempts.length > 0;
    });
    assert.equal(attempts, [2]);
  });

  test("leaves no timer behind when all is over", async () => {
    const { scene, clock } = await openTimed();
    const seen: string[] = [];
    const options = { durable: "billing", from: "all" } as const;
    const subscription = scene.client.subscribe("orderPaid", options, ({ id }) => void seen.push(id));
    await subscription.ready;
    await scene.server.broadcast("orderPaid", { id: "1" });
    await until("the event", () => seen.length === 1);
    await subscription.unsubscribe();
    await scene[Symbol.asyncDispose]();
    await settle();
    // What is left is the broker's own, for the ids it remembers.
    clock.advance(3_600_001);
    await settle();
    assert.is(clock.timersWaiting, 0);
  });
});
