import * as assert from "uvu/assert";
import type { Delivery } from "../../mod.ts";
import { describe } from "../support/suite.ts";
import { until } from "../transport-behaviour/desk.ts";
import type { EventStoreKind } from "./event-store-kind.ts";
import { acknowledgeAtOnce, numbers, sequencesOf, StoreScene, untilCount } from "./store-scene.ts";

const timeoutMs = 30_000;
const takeoverMs = 20_000;

/** Consumers that one instance at a time reads. */
export function exclusiveBehaviour(kind: EventStoreKind): void {
  describe(`${kind.name}: an exclusive consumer`, (test) => {
    test("delivers to one of its instances, in the stream's order", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind);
      const options = { exclusive: true, window: 4, onDelivery: acknowledgeAtOnce };
      const one = scene.consume(options);
      await one.reader.ready;
      const other = scene.consume({ ...options, by: await scene.join() });
      await other.reader.ready;
      await scene.putMany(40);
      await until(() => one.deliveries.length + other.deliveries.length === 40, 10_000);
      const [holder, waiter] = one.deliveries.length > 0 ? [one, other] : [other, one];
      assert.equal(sequencesOf(holder.deliveries), numbers(1, 40));
      assert.is(waiter.deliveries.length, 0);
    });

    test("goes to the next instance when the one it had stops", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind);
      const options = { exclusive: true, window: 4, ackWaitMs: 2_000, onDelivery: acknowledgeAtOnce };
      const one = scene.consume(options);
      await one.reader.ready;
      await scene.putMany(1);
      await untilCount(one.deliveries, 1);
      const other = scene.consume({ ...options, by: await scene.join() });
      await other.reader.ready;
      await one.deliveries[0]!.acknowledge();
      await one.reader.stop();
      await scene.putMany(3, 2);
      await untilCount(other.deliveries, 3, takeoverMs);
      assert.equal(sequencesOf(other.deliveries), [2, 3, 4]);
    });

    test("lets what an instance did not settle come first to the next one, in order", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind);
      const leaver = await scene.join();
      const one = scene.consume({
        by: leaver,
        exclusive: true,
        window: 4,
        ackWaitMs: 2_000,
        onDelivery: (delivery: Delivery) => {
          if (delivery.sequence === 2) acknowledgeAtOnce(delivery);
          if (delivery.sequence === 3) delivery.retryLater(60_000).catch(() => {});
        },
      });
      await scene.putMany(5);
      await until(() => one.deliveries.some(({ sequence }) => sequence === 5));
      const other = scene.consume({ exclusive: true, window: 4, ackWaitMs: 2_000, onDelivery: acknowledgeAtOnce });
      await other.reader.ready;
      await leaver.connection.close();
      await scene.putMany(2, 6);
      await until(() => other.deliveries.some(({ sequence }) => sequence === 7), takeoverMs);
      assert.equal(sequencesOf(other.deliveries), [1, 3, 4, 5, 6, 7]);
      // What is newer may come again, too, where there was no room for it beside them.
      assert.ok(other.deliveries.slice(0, 4).every(({ deliveries }) => deliveries > 1));
    });

    test("is one instance's until that has settled what it has, also after its stop()", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind);
      const options = { exclusive: true, window: 4, ackWaitMs: 20_000 };
      const one = scene.consume(options);
      await scene.putMany(2);
      await untilCount(one.deliveries, 2);
      const other = scene.consume({ ...options, by: await scene.join(), onDelivery: acknowledgeAtOnce });
      await other.reader.ready;
      const settled: number[] = [];
      await one.reader.stop();
      for (const delivery of one.deliveries) {
        await delivery.acknowledge();
        settled.push(delivery.sequence);
      }
      await scene.putMany(1, 3);
      await untilCount(other.deliveries, 1, takeoverMs);
      assert.equal([...settled, ...sequencesOf(other.deliveries)], [1, 2, 3]);
    });
  });
}
