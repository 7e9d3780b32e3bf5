import * as assert from "uvu/assert";
import type { Delivery, StreamDefinition } from "../../../src/transport/event-store.ts";
import { describeWithNatsServer } from "../../support/describe-with-nats-server.ts";
import { startNatsCluster } from "../../support/nats-cluster.ts";
import { until } from "../../support/until.ts";
import { openManager } from "./manager.ts";
import { call, consume, numbers, openStreams, orders, replay } from "./stream-scene.ts";

const testMs = { timeoutMs: 120_000 };
const replicated: StreamDefinition = { ...orders, replicas: 3 };
const total = 1_500;

describeWithNatsServer("EventStore over a JetStream cluster", { minimumVersion: "2.11.0" }, (test) => {
  test("loses nothing when nodes are killed, the leaders among them", testMs, async () => {
    await using cluster = await startNatsCluster(3, "", { jetstream: true });
    await using writing = await openStreams(cluster.urls);
    await until(
      "the cluster's leader",
      async () => await writing.store.ensureStream(replicated, call).then(() => true, () => false),
      30_000,
    );
    const reading = await Promise.all(cluster.nodes.map(() => openStreams(cluster.urls)));
    const inOrder: number[] = [];
    const settled = new Set<number>();
    const handle = async (delivery: Delivery): Promise<void> => {
      await delivery.acknowledge();
      settled.add(delivery.sequence);
    };
    const common = { stream: replicated, ackWaitMs: 5_000 };
    const shared = reading.map(({ store }) => consume(store, common, handle));
    const alone = reading.map(({ store }) =>
      consume(store, { ...common, consumer: "ordered", exclusive: true }, async (delivery) => {
        inOrder.push(delivery.sequence);
        await delivery.acknowledge();
      })
    );
    const replayed = replay(reading[0]!.store, { stream: replicated });
    await Promise.all([...shared, ...alone].map(({ reader }) => reader.ready));
    const acknowledged = new Map<string, number>();
    const queue = numbers(total);
    const writers = Array.from({ length: 8 }, async () => {
      for (let text = queue.shift(); text !== undefined; text = queue.shift()) {
        const options = { timeoutMs: 30_000, operation: "order", stream: orders.name, messageId: text };
        const { sequence } = await writing.store.store("orders.moved", new TextEncoder().encode(text), options);
        acknowledged.set(text, sequence);
      }
    });
    for (const [index, node] of cluster.nodes.entries()) {
      await until("a part", () => acknowledged.size >= (index + 1) * total / 5, 40_000);
      await node.restart();
      await cluster.whole();
    }
    await Promise.all(writers);
    assert.is(acknowledged.size, total);
    assert.is(new Set(acknowledged.values()).size, total);
    await using manager = await openManager(cluster.urls[0]!);
    const { state } = await manager.streams.info(orders.name);
    assert.is(state.messages, total, "each is stored once");
    await until("all settled", () => settled.size === total, 40_000);
    await until("all in order", () => new Set(inOrder).size === total, 40_000);
    await until("all replayed", () => replayed.messages.length >= total, 40_000);
    assert.equal([...new Set(inOrder)], numbers(total).map(Number));
    assert.equal(replayed.messages.map(({ sequence }) => sequence), numbers(total).map(Number));
    await Promise.all(reading.map(({ connection }) => connection.close()));
  });

  test("goes on when the leaders move", testMs, async () => {
    await using cluster = await startNatsCluster(3, "", { jetstream: true });
    await using scene = await openStreams(cluster.urls);
    await until(
      "the cluster's leader",
      async () => await scene.store.ensureStream(replicated, call).then(() => true, () => false),
      30_000,
    );
    const reading = consume(scene.store, { stream: replicated });
    await reading.reader.ready;
    for (let round = 0; round < 3; round++) {
      for (const what of ["STREAM.LEADER.STEPDOWN.ORDERS", "CONSUMER.LEADER.STEPDOWN.ORDERS.billing"]) {
        const options = { ...call, requestId: `stepdown-${round}-${what.length}` };
        await scene.connection.request(`$JS.API.${what}`, new Uint8Array(), options);
      }
      const text = `round-${round}`;
      const options = { timeoutMs: 20_000, operation: "order", stream: orders.name, messageId: text };
      await scene.store.store("orders.moved", new TextEncoder().encode(text), options);
      const started = performance.now();
      await until(text, () => reading.texts.includes(text), 10_000);
      assert.ok(performance.now() - started < 5_000);
    }
    assert.is(reading.reader.state, "active");
  });
});
