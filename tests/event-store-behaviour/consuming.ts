import * as assert from "uvu/assert";
import type { Delivery, StartPosition } from "../../mod.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { describe } from "../support/suite.ts";
import { until } from "../transport-behaviour/desk.ts";
import type { EventStoreKind } from "./event-store-kind.ts";
import { acknowledgeAtOnce, callOptions, numbers, sequencesOf, StoreScene, textOf, untilCount } from "./store-scene.ts";

const timeoutMs = 20_000;

/** Durable consumers: who gets what, and how much of it at once. */
export function consumingBehaviour(kind: EventStoreKind): void {
  describe(`${kind.name}: consume()`, (test) => {
    test("delivers what is stored, before and after it began, in order and once", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind);
      await scene.putMany(3);
      const { reader, deliveries, states } = scene.consume({ onDelivery: acknowledgeAtOnce });
      assert.is(reader.state, "starting");
      await reader.ready;
      assert.is(reader.state, "active");
      await scene.putMany(3, 4);
      await untilCount(deliveries, 6);
      assert.equal(sequencesOf(deliveries), numbers(1, 6));
      assert.equal(deliveries.map(textOf), ["m1", "m2", "m3", "m4", "m5", "m6"]);
      assert.equal(deliveries.map((delivery) => delivery.deliveries), [1, 1, 1, 1, 1, 1]);
      assert.is(deliveries[4]!.subject, scene.subject("m5"));
      assert.ok(Math.abs(deliveries[4]!.publishedAt - Date.now()) < 10_000);
      await reader.stop();
      assert.equal(states, ["active", "ended"]);
    });

    test("delivers the messages of its subject alone", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind);
      for (const name of ["a.1", "b.1", "a.2", "b.2", "a.3"]) await scene.put(name);
      const { deliveries } = scene.consume({ subject: scene.subject("a.*"), onDelivery: acknowledgeAtOnce });
      await untilCount(deliveries, 3);
      assert.equal(deliveries.map(textOf), ["a.1", "a.2", "a.3"]);
    });

    const begins: readonly [string, (times: readonly number[]) => StartPosition, number][] = [
      ['"new" with what is stored after it began', () => "new", 5],
      ['"all" with the oldest', () => "all", 1],
      ["a time with what was stored then", (times) => ({ time: new Date(times[3]!) }), 4],
      ["a sequence with that one", () => ({ sequence: 3 }), 3],
    ];
    for (const [what, from, first] of begins) {
      test(`from ${what}`, { timeoutMs }, async () => {
        await using scene = await StoreScene.open(kind);
        await scene.putMany(3);
        const { publishedAt } =
          (await scene.store.read(scene.stream.name, { sequence: 3, subject: ">" }, callOptions))!;
        await until(() => Date.now() > publishedAt + 20);
        await scene.putMany(1, 4);
        const last = (await scene.store.read(scene.stream.name, { sequence: 4, subject: ">" }, callOptions))!;
        const { reader, deliveries } = scene.consume({
          from: from([0, 0, 0, last.publishedAt]),
          onDelivery: acknowledgeAtOnce,
        });
        await reader.ready;
        await scene.putMany(1, 5);
        await untilCount(deliveries, 6 - first);
        assert.equal(sequencesOf(deliveries), numbers(first, 5));
      });
    }

    test("goes on where the consumer stood, whatever `from` says then", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind);
      await scene.putMany(3);
      const one = scene.consume({ onDelivery: acknowledgeAtOnce });
      await untilCount(one.deliveries, 3);
      await Promise.all(one.deliveries.map((delivery) => delivery.acknowledge()));
      await one.reader.stop();
      await scene.putMany(2, 4);
      const other = scene.consume({ by: await scene.join(), from: "new", onDelivery: acknowledgeAtOnce });
      await untilCount(other.deliveries, 2);
      assert.equal(sequencesOf(other.deliveries), [4, 5]);
    });

    test("shares messages between the instances that have room, and gives each to one", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind);
      const one = scene.consume();
      const other = scene.consume({ by: await scene.join() });
      await Promise.all([one.reader.ready, other.reader.ready]);
      await scene.putMany(2);
      await until(() => one.deliveries.length === 1 && other.deliveries.length === 1);
      assert.equal([...sequencesOf(one.deliveries), ...sequencesOf(other.deliveries)].sort(), [1, 2]);
      await scene.putMany(2, 3);
      await other.deliveries[0]!.acknowledge();
      await until(() => other.deliveries.length === 2);
      await other.deliveries[1]!.acknowledge();
      await until(() => other.deliveries.length === 3);
      assert.equal(sequencesOf(other.deliveries.slice(1)), [3, 4]);
      assert.is(one.deliveries.length, 1);
    });

    test("consumers of two names get each message both", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind);
      const one = scene.consume({ consumer: "one", onDelivery: acknowledgeAtOnce });
      const other = scene.consume({ consumer: "other", onDelivery: acknowledgeAtOnce });
      await scene.putMany(5);
      await untilCount(one.deliveries, 5);
      await untilCount(other.deliveries, 5);
    });

    test(
      "an instance never has more unsettled deliveries than its window, and uses all of it",
      { timeoutMs },
      async () => {
        await using scene = await StoreScene.open(kind);
        const take = (window: number) => {
          const held = { now: 0, most: 0 };
          const onDelivery = (delivery: Delivery): void => {
            held.now += 1;
            held.most = Math.max(held.most, held.now);
            setTimeout(() => {
              held.now -= 1;
              acknowledgeAtOnce(delivery);
            }, 5);
          };
          return { held, options: { window, onDelivery } };
        };
        const [two, five] = [take(2), take(5)];
        await scene.putMany(60);
        const one = scene.consume(two.options);
        const other = scene.consume({ by: await scene.join(), ...five.options });
        await until(() => one.deliveries.length + other.deliveries.length >= 60, 10_000);
        assert.equal(sequencesOf([...one.deliveries, ...other.deliveries]).sort((a, b) => a - b), numbers(1, 60));
        assert.equal([two.held.most, five.held.most], [2, 5]);
      },
    );

    test("a callback that throws hurts only itself", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind);
      await scene.putMany(3);
      const { deliveries } = scene.consume({
        onDelivery: (delivery) => {
          acknowledgeAtOnce(delivery);
          throw new Error("from a callback");
        },
      });
      await untilCount(deliveries, 3);
    });

    for (
      const [name, change, text] of [
        ["subject", (scene: StoreScene) => ({ subject: scene.subject("a.*") }), "subject: "],
        ["order", () => ({ exclusive: true }), "orderedBy: an order is wanted, none is there"],
      ] as const
    ) {
      test(`refuses a consumer of another ${name} than is there`, { timeoutMs }, async () => {
        await using scene = await StoreScene.open(kind);
        await scene.consume().reader.ready;
        // To be more patient is nothing to refuse it for.
        const { reader, states } = scene.consume({ by: await scene.join(), ackWaitMs: 60_000, ...change(scene) });
        const error = await expectRejection(reader.ready, {
          code: "UNSUPPORTED",
          message: new RegExp(`worker.*${text}.* To go on, take another name, or delete the consumer`),
        });
        assert.not.match(String(error), /ackWaitMs/);
        await until(() => reader.state === "ended");
        assert.equal(states, ["ended"]);
      });
    }

    test(
      "stop() ends it, at once and more than once; what was delivered can still be settled",
      { timeoutMs },
      async () => {
        await using scene = await StoreScene.open(kind);
        await scene.putMany(2);
        const one = scene.consume();
        await until(() => one.deliveries.length === 1);
        await Promise.all([one.reader.stop(), one.reader.stop()]);
        assert.is(one.reader.state, "ended");
        await one.deliveries[0]!.acknowledge();
        const other = scene.consume({ by: await scene.join(), onDelivery: acknowledgeAtOnce });
        await untilCount(other.deliveries, 1);
        assert.equal(sequencesOf(other.deliveries), [2]);
        assert.is(one.deliveries.length, 1);
        await one.reader.stop();
      },
    );

    test("stop() before it began settles `ready`", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind);
      const { reader, deliveries } = scene.consume();
      const outcome = reader.ready.then(() => "began", () => "never began");
      await reader.stop();
      assert.is(reader.state, "ended");
      assert.match(await outcome, /began/);
      assert.is(deliveries.length, 0);
    });
  });
}
