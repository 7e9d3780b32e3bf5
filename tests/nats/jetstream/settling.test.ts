import * as assert from "uvu/assert";
import { describeWithNatsServer } from "../../support/describe-with-nats-server.ts";
import { startNatsServer } from "../../support/nats-server.ts";
import { until } from "../../support/until.ts";
import { openManager, settledUpTo } from "./manager.ts";
import { call, consume, numbers, openStreams, orders, storeTexts, textOf } from "./stream-scene.ts";

async function startScene() {
  const server = await startNatsServer({ jetstream: true });
  const streams = await openStreams(server.url);
  await streams.store.ensureStream(orders, call);
  return {
    server,
    ...streams,
    [Symbol.asyncDispose]: async () => {
      await streams[Symbol.asyncDispose]();
      await server.stop();
    },
  };
}

describeWithNatsServer("A delivery over JetStream", {}, (test) => {
  test("comes no more once it is acknowledged, to an instance that begins later either", async () => {
    await using scene = await startScene();
    await using manager = await openManager(scene.server.url);
    await storeTexts(scene.store, numbers(10));
    const reading = consume(scene.store);
    await until("all of them", async () => await settledUpTo(manager) === 10);
    await reading.reader.stop();
    const next = consume(scene.store);
    await next.reader.ready;
    await storeTexts(scene.store, ["11"]);
    await until("the next one", () => next.texts.length > 0);
    assert.equal(next.texts, ["11"]);
    assert.is(next.deliveries[0]!.deliveries, 1);
    assert.is(next.deliveries[0]!.sequence, 11);
    assert.ok(Math.abs(next.deliveries[0]!.publishedAt - Date.now()) < 5_000);
  });

  test("comes again after as long as it is told to, counted", async () => {
    await using scene = await startScene();
    await storeTexts(scene.store, ["one"]);
    const times: number[] = [];
    const reading = consume(scene.store, {}, (delivery) => {
      times.push(performance.now());
      return delivery.deliveries < 3 ? delivery.retryLater(200) : delivery.acknowledge();
    });
    await until("the third time", () => reading.deliveries.length === 3);
    assert.equal(reading.deliveries.map(({ deliveries }) => deliveries), [1, 2, 3]);
    assert.ok(times[1]! - times[0]! >= 195 && times[2]! - times[1]! >= 195, String(times));
  });

  test("comes again at once where no time is given, and when nobody settles it", async () => {
    await using scene = await startScene();
    await storeTexts(scene.store, ["one"]);
    const started = performance.now();
    const reading = consume(scene.store, { ackWaitMs: 1_000 }, (delivery) => {
      if (delivery.deliveries === 1) return delivery.retryLater(0);
      return delivery.deliveries === 2 ? undefined : delivery.acknowledge();
    });
    await until("the second time", () => reading.deliveries.length === 2, 900);
    await until("the third time", () => reading.deliveries.length === 3);
    assert.ok(performance.now() - started >= 1_000);
  });

  test("is settled by the first word: what is said after it is not even sent", async () => {
    await using scene = await startScene();
    await using watcher = await openStreams(scene.server.url);
    const words: string[] = [];
    const watching = watcher.connection.subscribe("$JS.ACK.ORDERS.billing.>", {
      onMessage: (message) => void words.push(textOf(message)),
    });
    await watching.ready;
    await storeTexts(scene.store, ["one"]);
    const reading = consume(scene.store, {}, async (delivery) => {
      await delivery.acknowledge();
      await delivery.retryLater(0);
      await delivery.discard("too late");
      delivery.keepAlive();
    });
    await until("the word", () => words.length > 0);
    await storeTexts(scene.store, ["two"]);
    await until("the second", () => words.length === 2);
    await scene.connection.flush(1_000);
    await watcher.connection.flush(1_000);
    assert.equal(words, ["+ACK", "+ACK"]);
    assert.equal(reading.texts, ["one", "two"]);
  });

  test("is discarded with its reason, and comes to nobody any more", async () => {
    await using scene = await startScene();
    await using watcher = await openStreams(scene.server.url);
    const reasons: string[] = [];
    const advisories = watcher.connection.subscribe("$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.>", {
      onMessage: (message) => void reasons.push(JSON.parse(textOf(message)).reason),
    });
    await advisories.ready;
    await storeTexts(scene.store, ["one", "two"]);
    const reading = consume(scene.store, {}, (delivery) => delivery.discard("MALFORMED_MESSAGE\r\nX: y"));
    await until("both reasons", () => reasons.length === 2);
    assert.equal(reasons, ["MALFORMED_MESSAGE??X: y", "MALFORMED_MESSAGE??X: y"]);
    assert.is(reading.deliveries.length, 2);
  });

  test("that is kept alive is delivered once, however long it takes", async () => {
    await using scene = await startScene();
    await storeTexts(scene.store, ["slow"]);
    const reading = consume(scene.store, { ackWaitMs: 600 }, async (delivery) => {
      for (let round = 0; round < 9; round++) {
        await new Promise((resolve) => setTimeout(resolve, 200));
        delivery.keepAlive();
      }
      await delivery.acknowledge();
    });
    await until("the delivery", () => reading.deliveries.length > 0);
    await until("its end", () => reading.most === 1 && reading.reader.state === "active");
    await storeTexts(scene.store, ["next"]);
    await until("the next one", () => reading.texts.includes("next"));
    await new Promise((resolve) => setTimeout(resolve, 1_800));
    assert.equal(reading.texts, ["slow", "next"]);
  });

  test("is one of no more than the window, and the window is used", async () => {
    await using scene = await startScene();
    await storeTexts(scene.store, numbers(400));
    const reading = consume(scene.store, { window: 7 }, async (delivery) => {
      await new Promise((resolve) => setTimeout(resolve, delivery.sequence % 3));
      await delivery.acknowledge();
    });
    await until("all of them", () => reading.texts.length === 400);
    assert.is(reading.most, 7);
    assert.is(new Set(reading.texts).size, 400);
  });

  test("goes back at once when its reader is stopped before it was given", async () => {
    await using scene = await startScene();
    await storeTexts(scene.store, numbers(50));
    const leaving = consume(scene.store, { window: 20 }, () => {});
    await until("a full window", () => leaving.texts.length === 20);
    const stopped = leaving.reader.stop();
    await Promise.all(leaving.deliveries.map((delivery) => delivery.retryLater(0)));
    await stopped;
    const staying = consume(scene.store);
    await until("all of them", () => new Set(staying.texts).size === 50, 3_000);
    assert.is(leaving.texts.length, 20);
  });

  test("cannot be settled when the connection is closed, and says so at once", async () => {
    await using scene = await startScene();
    await storeTexts(scene.store, ["one"]);
    const reading = consume(scene.store, {}, () => {});
    await until("the delivery", () => reading.deliveries.length === 1);
    await scene.connection.close();
    assert.is(reading.reader.state, "ended");
    const started = performance.now();
    const error = await reading.deliveries[0]!.acknowledge().then(() => undefined, (thrown) => thrown);
    assert.is(error.code, "DISCONNECTED");
    assert.ok(performance.now() - started < 500);
  });
});
