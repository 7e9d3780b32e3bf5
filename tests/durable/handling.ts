import * as assert from "uvu/assert";
import { expectRejection } from "../support/expect-rejection.ts";
import { describe } from "../support/suite.ts";
import { until } from "../support/until.ts";
import type { DurableKind } from "./durable-kind.ts";
import { lettersOf, openScene } from "./scene.ts";

/** How durable events are stored, and handled by those who subscribe with a name. */
export function handling({ name, connect, deleteStream }: DurableKind): void {
  describe(`${name}: a durable event`, (test) => {
    test("is stored when its broadcast resolves, and a plain one is not", async () => {
      await using scene = await openScene(connect);
      const { server, stream } = scene;
      assert.equal(await server.broadcast("orderPaid", { id: "7" }), { stream, sequence: 1, duplicate: false });
      assert.equal(await server.broadcast("orderPaid", { id: "7" }), { stream, sequence: 2, duplicate: false });
      assert.is(await server.broadcast("shopOpened", { at: 1 }), undefined);
      const store = await scene.connection.eventStore!();
      assert.equal(await store.bounds(stream, { timeoutMs: 5_000, operation: "look" }), { first: 1, last: 2 });
    });

    test("is stored once under one id, and another subject has ids of its own", async () => {
      await using scene = await openScene(connect);
      const { server, stream } = scene;
      const acme = { id: "7", region: "acme", count: 1 };
      const first = await server.broadcast("orderMoved", acme, { id: "order-7" });
      assert.equal(await server.broadcast("orderMoved", acme, { id: "order-7" }), { ...first, duplicate: true });
      const other = await server.broadcast("orderMoved", { ...acme, region: "globex" }, { id: "order-7" });
      assert.equal(other, { stream, sequence: 2, duplicate: false });
    });

    test("is handled with what the stream knows of it", async () => {
      await using scene = await openScene(connect);
      const { sequence } = await scene.server.broadcast("orderMoved", { id: "7", region: "eu", count: 1 }, {
        headers: { "X-Desk": "4" },
      });
      const seen: unknown[] = [];
      const before = Date.now();
      const subscription = scene.client.subscribe(
        "orderMoved",
        { durable: "billing", from: "all" },
        (data, context) => {
          const { attempt, redelivered, params, subject, headers, publishedAt, event, missed } = context;
          const age = before - publishedAt.getTime();
          seen.push({ ...data }, attempt, redelivered, { ...params }, subject, headers.get("x-desk"), event, missed);
          seen.push(context.sequence === sequence, context.id.length, Math.abs(age) < 5_000);
        },
      );
      await subscription.ready;
      assert.is(subscription.status, "active");
      await until("the event", () => seen.length > 0);
      assert.equal(seen, [
        { id: "7", region: "eu", count: 1 },
        1,
        false,
        { region: "eu", id: "7" },
        `${scene.namespace}.orders.v1.event.orderMoved.eu.7`,
        "4",
        "orderMoved",
        0,
        true,
        22,
        true,
      ]);
    });

    test("is handled once by the instances of a name, and by each name", async () => {
      await using scene = await openScene(connect);
      const other = await scene.join();
      const seen: string[] = [];
      for (const [client, durable] of [[scene.client, "billing"], [other, "billing"], [other, "shipping"]] as const) {
        const subscription = client.subscribe("orderPaid", { durable, from: "all", concurrency: 4 }, ({ id }) => {
          seen.push(`${durable} ${id}`);
        });
        await subscription.ready;
      }
      const ids = Array.from({ length: 20 }, (_, index) => String(index));
      await Promise.all(ids.map((id) => scene.server.broadcast("orderPaid", { id })));
      await until("all events", () => seen.length >= 40);
      const wanted = ["billing", "shipping"].flatMap((durable) => ids.map((id) => `${durable} ${id}`));
      assert.equal(seen.sort(), wanted.sort());
    });

    test("waits for a subscription that is away, and is not handled again when it is back", async () => {
      await using scene = await openScene(connect);
      const seen: string[] = [];
      const subscribe = async (): Promise<AsyncDisposable> => {
        const subscription = scene.client.subscribe(
          "orderPaid",
          { durable: "billing" },
          ({ id }) => void seen.push(id),
        );
        await subscription.ready;
        return subscription;
      };
      {
        await using _subscription = await subscribe();
        await scene.server.broadcast("orderPaid", { id: "1" });
        await until("the first", () => seen.length === 1);
      }
      await scene.server.broadcast("orderPaid", { id: "2" });
      await using _again = await subscribe();
      await until("the second", () => seen.length === 2);
      assert.equal(seen, ["1", "2"]);
    });

    test("comes to a plain subscription as it is published, and to none later", async () => {
      await using scene = await openScene(connect);
      await scene.server.broadcast("orderPaid", { id: "1" });
      const seen: string[] = [];
      const subscription = scene.client.subscribe("orderPaid", ({ id }) => seen.push(id));
      await subscription.ready;
      await scene.server.broadcast("orderPaid", { id: "2" });
      await until("the event", () => seen.length > 0);
      assert.equal(seen, ["2"]);
    });

    test("is filtered by the broker with the subscription's parameters", async () => {
      await using scene = await openScene(connect);
      const seen: number[] = [];
      const options = { durable: "billing", from: "all", params: { region: "eu" } } as const;
      await scene.client.subscribe("orderMoved", options, ({ count }) => void seen.push(count)).ready;
      for (const [count, region] of ["eu", "us", "eu"].entries()) {
        await scene.server.broadcast("orderMoved", { id: "7", region, count });
      }
      await until("both", () => seen.length === 2);
      assert.equal(seen, [0, 2]);
    });

    test("is handled at most so many times at once", async () => {
      await using scene = await openScene(connect);
      let running = 0;
      let most = 0;
      let done = 0;
      await scene.client.subscribe("orderPaid", { durable: "billing", from: "all", concurrency: 3 }, async () => {
        most = Math.max(most, running += 1);
        await new Promise((resolve) => setTimeout(resolve, 2));
        running -= 1;
        done += 1;
      }).ready;
      for (let id = 0; id < 30; id++) await scene.server.broadcast("orderPaid", { id: String(id) });
      await until("all", () => done === 30);
      assert.is(most, 3);
    });

    test("is handled once by a handler that takes three times as long as the broker waits", async () => {
      await using scene = await openScene(connect);
      const attempts: string[] = [];
      let done = false;
      // Were it delivered anew, one of the others would have it.
      for (const client of [scene.client, await scene.join(), await scene.join()]) {
        const options = { durable: "billing", from: "all", ackWaitMs: 300 } as const;
        await client.subscribe("orderPaid", options, async ({ id }, { attempt }) => {
          attempts.push(`${id} ${attempt}`);
          if (id === "next") return;
          await new Promise((resolve) => setTimeout(resolve, 900));
          done = true;
        }).ready;
      }
      await scene.server.broadcast("orderPaid", { id: "7" });
      await until("the handler", () => done);
      await scene.server.broadcast("orderPaid", { id: "next" });
      await until("the next", () => attempts.length > 1);
      assert.equal(attempts, ["7 1", "next 1"]);
    });

    test("that a handler runs for is acknowledged before disconnect() resolves", async () => {
      await using scene = await openScene(connect);
      let release = (): void => {};
      let started = false;
      await scene.client.subscribe("orderPaid", { durable: "billing", from: "all" }, () => {
        started = true;
        return new Promise<void>((resolve) => release = resolve);
      }).ready;
      await scene.server.broadcast("orderPaid", { id: "1" });
      await scene.server.broadcast("orderPaid", { id: "2" });
      await until("the handler", () => started);
      let gone = false;
      const leaving = scene.client.disconnect().then(() => gone = true);
      await scene.server.broadcast("orderPaid", { id: "3" });
      assert.equal([gone, scene.client.status], [false, "connected"]);
      release();
      await leaving;
      const seen: string[] = [];
      const other = await scene.join();
      await other.subscribe("orderPaid", { durable: "billing" }, ({ id }) => void seen.push(id)).ready;
      await until("the others", () => seen.length === 2);
      assert.equal(seen, ["2", "3"]);
    });

    test("that fails comes again, up to the last attempt", async () => {
      await using scene = await openScene(connect);
      const attempts: string[] = [];
      const failures: string[] = [];
      await scene.client.subscribe(
        "orderPaid",
        {
          durable: "billing",
          from: "all",
          maxAttempts: 3,
          backoffMs: [1, 5],
          onError: ({ name }, failure) => {
            const { event, durable, id, sequence, attempt, deadLetter } = failure!;
            failures.push(`${name} ${event} ${durable} ${id!.slice(23)} ${sequence} ${attempt} ${deadLetter}`);
          },
        },
        ({ id }, { attempt, redelivered }) => {
          attempts.push(`${id} ${attempt} ${redelivered}`);
          if (id === "bad" || attempt < 2) throw new RangeError("The price of 7 is secret");
        },
      ).ready;
      await scene.server.broadcast("orderPaid", { id: "bad" }, { id: "first" });
      await scene.server.broadcast("orderPaid", { id: "late" }, { id: "second" });
      await until("both", async () => attempts.length === 5 && (await lettersOf(scene.client, "orderPaid")).length > 0);
      assert.equal(attempts.sort(), ["bad 1 false", "bad 2 true", "bad 3 true", "late 1 false", "late 2 true"]);
      assert.equal(failures.sort(), [
        "RangeError orderPaid billing first 1 1 false",
        "RangeError orderPaid billing first 1 2 false",
        "RangeError orderPaid billing first 1 3 true",
        "RangeError orderPaid billing second 2 1 false",
      ]);
      const [letter] = await lettersOf(scene.client, "orderPaid");
      assert.equal({ ...letter!.event }, { id: "bad" });
      assert.equal(
        [letter!.reason, letter!.detail, letter!.attempts, letter!.sequence],
        ["INTERNAL", "The handler threw RangeError at attempt 3", 3, 1],
      );
    });

    test("is stored in a stream that is made again where it was deleted, also when nobody subscribes", async () => {
      await using scene = await openScene(connect);
      await scene.server.broadcast("orderPaid", { id: "1" });
      await deleteStream(scene.stream, scene.connection);
      const outcomes = await Promise.all(["2", "3", "4"].map((id) => scene.server.broadcast("orderPaid", { id })));
      assert.equal(outcomes.map(({ sequence }) => sequence).sort(), [1, 2, 3]);
    });

    test("is refused where it is not durable, and so is an id", async () => {
      await using scene = await openScene(connect);
      for (const options of [{ durable: "billing" }, { from: "all" }, { maxAttempts: 2 }]) {
        const subscribe = (): unknown => scene.client.subscribe("shopOpened", options as object, () => {});
        assert.throws(subscribe, (error: { code: string }) => error.code === "INVALID_EVENT");
      }
      const deadLetters = (): unknown => scene.client.deadLetters("shopOpened" as never, { durable: "billing" });
      assert.throws(deadLetters, (error: { code: string }) => error.code === "INVALID_EVENT");
      const options = { id: "1" } as object;
      await expectRejection(scene.server.broadcast("shopOpened", { at: 1 }, options), { code: "INVALID_EVENT" });
      for (const id of ["", "a b", "x".repeat(129), "é"]) {
        await expectRejection(scene.server.broadcast("orderPaid", { id: "1" }, { id }), { code: "INVALID_EVENT" });
      }
      await expectRejection(scene.server.broadcast("orderPaid", { id: "1" }, { timeoutMs: 120_001 }), {
        code: "INVALID_EVENT",
      });
    });
  });
}
