import * as assert from "uvu/assert";
import { describe } from "../support/suite.ts";
import { until } from "../transport-behaviour/desk.ts";
import type { EventStoreKind } from "./event-store-kind.ts";
import { acknowledgeAtOnce, sequencesOf, StoreScene, untilCount } from "./store-scene.ts";

const timeoutMs = 20_000;

/** What becomes of deliveries that are settled, and of those that are not. */
export function settlingBehaviour(kind: EventStoreKind): void {
  describe(`${kind.name}: Delivery`, (test) => {
    test("comes again after the ack wait, counted, until it is acknowledged", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind);
      await scene.put("a");
      const at: number[] = [];
      const { deliveries } = scene.consume({
        window: 4,
        ackWaitMs: 400,
        onDelivery: (delivery) => {
          at.push(performance.now());
          if (delivery.deliveries === 3) acknowledgeAtOnce(delivery);
        },
      });
      await until(() => deliveries.length === 3, 10_000);
      assert.equal(deliveries.map((delivery) => delivery.deliveries), [1, 2, 3]);
      assert.equal(sequencesOf(deliveries), [1, 1, 1]);
      assert.ok(at[1]! - at[0]! > 350, `came again after ${at[1]! - at[0]!} ms`);
      await scene.put("b");
      await until(() => deliveries.length > 3);
      assert.is(deliveries[3]!.sequence, 2);
    });

    test("that came again keeps its place in its instance's window until it is settled", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind);
      await scene.putMany(3);
      const one = scene.consume({ ackWaitMs: 400 });
      await untilCount(one.deliveries, 1);
      const other = scene.consume({ by: await scene.join(), ackWaitMs: 400, onDelivery: acknowledgeAtOnce });
      await untilCount(other.deliveries, 3);
      assert.equal(sequencesOf(other.deliveries).sort(), [1, 2, 3]);
      assert.is(one.deliveries.length, 1);
      await other.reader.stop();
      await scene.putMany(1, 4);
      await one.deliveries[0]!.acknowledge();
      await untilCount(one.deliveries, 2);
      assert.is(one.deliveries[1]!.sequence, 4);
    });

    test("of an instance that is gone comes to another one", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind);
      await scene.put("a");
      const leaver = await scene.join();
      const one = scene.consume({ by: leaver, ackWaitMs: 400 });
      await untilCount(one.deliveries, 1);
      await leaver.connection.close();
      const other = scene.consume({ ackWaitMs: 400, onDelivery: acknowledgeAtOnce });
      await untilCount(other.deliveries, 1);
      assert.is(other.deliveries[0]!.deliveries, 2);
    });

    test("keepAlive() holds off that it comes again", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind);
      await scene.put("a");
      const { deliveries } = scene.consume({ window: 2, ackWaitMs: 1_000 });
      await untilCount(deliveries, 1);
      const startedAt = performance.now();
      while (performance.now() - startedAt < 2_500) {
        deliveries[0]!.keepAlive();
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      assert.is(deliveries.length, 1);
      await until(() => deliveries.length === 2, 5_000);
      await deliveries[1]!.acknowledge();
    });

    test("retryLater() lets it come again after the delay, and others meanwhile", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind);
      await scene.putMany(3);
      const at: number[] = [];
      const { deliveries } = scene.consume({
        onDelivery: (delivery) => {
          at.push(performance.now());
          if (delivery.sequence === 1 && delivery.deliveries === 1) delivery.retryLater(600).catch(() => {});
          else acknowledgeAtOnce(delivery);
        },
      });
      await until(() => deliveries.length === 4, 10_000);
      assert.equal(sequencesOf(deliveries), [1, 2, 3, 1]);
      assert.is(deliveries[3]!.deliveries, 2);
      assert.ok(at[3]! - at[0]! > 550, `came again after ${at[3]! - at[0]!} ms`);
    });

    test("retryLater(0) lets it come again at once", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind);
      await scene.put("a");
      const { deliveries } = scene.consume({
        onDelivery: (delivery) => {
          if (delivery.deliveries < 5) delivery.retryLater(0).catch(() => {});
          else acknowledgeAtOnce(delivery);
        },
      });
      await until(() => deliveries.length === 5);
      assert.equal(deliveries.map((delivery) => delivery.deliveries), [1, 2, 3, 4, 5]);
    });

    test("discard() takes it off this consumer for good; the stream still has it", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind);
      await scene.putMany(2);
      const one = scene.consume();
      await untilCount(one.deliveries, 1);
      await one.deliveries[0]!.discard("cannot be read");
      await untilCount(one.deliveries, 2);
      assert.is(one.deliveries[1]!.sequence, 2);
      await one.deliveries[1]!.acknowledge();
      await one.reader.stop();
      const again = scene.consume({ onDelivery: acknowledgeAtOnce });
      await again.reader.ready;
      await scene.putMany(1, 3);
      await untilCount(again.deliveries, 1);
      assert.is(again.deliveries[0]!.sequence, 3);
      const other = scene.consume({ consumer: "other", onDelivery: acknowledgeAtOnce });
      await untilCount(other.deliveries, 3);
      assert.is(other.deliveries[0]!.sequence, 1);
    });

    test("acknowledge() resolves more than once, also for what was settled or came again", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind);
      await scene.put("a");
      const { deliveries } = scene.consume({ window: 4, ackWaitMs: 400 });
      await until(() => deliveries.length === 2);
      const [first, second] = deliveries;
      await first!.acknowledge();
      await second!.acknowledge();
      await second!.acknowledge();
      await second!.retryLater(0);
      await scene.put("b");
      await until(() => deliveries.some(({ sequence }) => sequence === 2));
    });

    test("of a message that the stream no longer has does not come again", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind, { maxMessages: 2 });
      await scene.put("m1");
      const { deliveries } = scene.consume({ window: 10, ackWaitMs: 400 });
      await untilCount(deliveries, 1);
      await scene.putMany(3, 2);
      await until(() => deliveries.some(({ sequence, deliveries }) => sequence === 4 && deliveries === 2));
      const late = deliveries.filter(({ sequence, deliveries }) => sequence < 3 && deliveries > 1);
      assert.equal(sequencesOf(late), []);
    });
  });
}
