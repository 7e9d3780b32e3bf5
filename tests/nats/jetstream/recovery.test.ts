import * as assert from "uvu/assert";
import { describeWithNatsServer } from "../../support/describe-with-nats-server.ts";
import { startFaultProxy } from "../../support/fault-proxy.ts";
import { type NatsServer, startNatsServer } from "../../support/nats-server.ts";
import { until } from "../../support/until.ts";
import { type Manager, openManager, settledUpTo } from "./manager.ts";
import {
  call,
  consume,
  numbers,
  type OpenStreams,
  openStreams,
  orders,
  type Reading,
  storeTexts,
} from "./stream-scene.ts";

const testMs = { timeoutMs: 60_000 };
/** Within this time reading goes on. */
const resumeMs = 10_000;

/** A reader that has settled ten messages, and what can be done to it. */
async function startReading(
  test: (scene: {
    server: NatsServer;
    manager: Manager;
    streams: OpenStreams;
    reading: Reading;
  }) => Promise<void>,
): Promise<void> {
  await using server = await startNatsServer({ jetstream: true });
  await using manager = await openManager(server.url);
  await using streams = await openStreams(server.url);
  await streams.store.ensureStream(orders, call);
  // An acknowledgement that the broker had not written down when it was killed is given again after this time.
  const reading = consume(streams.store, { ackWaitMs: 3_000 });
  await storeTexts(streams.store, numbers(10));
  await until("ten settled", async () => await settledUpTo(manager) === 10);
  await test({ server, manager, streams, reading });
}

async function resumes(reading: Reading, streams: OpenStreams, text: string): Promise<void> {
  await storeTexts(streams.store, [text]);
  await until(`message ${text}`, () => reading.texts.includes(text), resumeMs);
  assert.is(reading.reader.state, "active");
}

describeWithNatsServer("A durable reader over JetStream", {}, (test) => {
  test(
    "makes a consumer that is deleted again, and begins behind what was settled",
    testMs,
    () =>
      startReading(async ({ manager, streams, reading }) => {
        // It looks now and then how far the consumer is.
        await until("a look", async () => (await manager.consumers.info(orders.name, "billing")).num_pending === 0);
        await manager.consumers.delete(orders.name, "billing");
        await storeTexts(streams.store, ["11"]);
        await until("message 11", () => reading.texts.includes("11"), resumeMs);
        assert.is(reading.reader.state, "active");
        assert.ok(reading.states.some(({ state, error }) => state === "degraded" && error !== undefined));
        // Not "new": what came while there was no consumer is read.
        assert.equal(reading.texts.filter((text) => text === "11"), ["11"]);
      }),
  );

  test(
    "makes a stream that is deleted again, and reads all of the new one",
    testMs,
    () =>
      startReading(async ({ manager, streams, reading }) => {
        await manager.streams.delete(orders.name);
        await until("the stream", async () => await manager.streams.info(orders.name).catch(() => undefined), resumeMs);
        await storeTexts(streams.store, ["fresh-1", "fresh-2"]);
        await until("both", () => reading.texts.includes("fresh-2"), resumeMs);
        assert.equal(reading.texts.slice(10), ["fresh-1", "fresh-2"]);
        assert.is(reading.deliveries.at(-1)!.sequence, 2);
        assert.equal(reading.states.map(({ state }) => state), ["active", "degraded", "active"]);
      }),
  );

  test("reads all of a stream that somebody else has made again while it was away", testMs, async () => {
    await using server = await startNatsServer({ jetstream: true });
    await using proxy = await startFaultProxy(server.port);
    await using manager = await openManager(server.url);
    await using here = await openStreams(proxy.url);
    await using there = await openStreams(server.url);
    await there.store.ensureStream(orders, call);
    const reading = consume(here.store);
    await storeTexts(there.store, numbers(10));
    await until("ten settled", async () => await settledUpTo(manager) === 10);
    // It looks now and then how far the consumer is; before that it would begin with all anyway.
    const looks: string[] = [];
    const watching = there.connection.subscribe("$JS.API.CONSUMER.INFO.ORDERS.billing", {
      onMessage: ({ replySubject }) => void looks.push(replySubject!),
    });
    await until("its look", () => looks.length > 0, 2 * resumeMs);
    watching.unsubscribe();
    proxy.weather = { kind: "refuse" };
    proxy.reset();
    await until("its word", () => reading.reader.state === "degraded", resumeMs);
    await manager.streams.delete(orders.name);
    await there.store.ensureStream(orders, call);
    await storeTexts(there.store, numbers(20, 100));
    proxy.weather = { kind: "pass" };
    await until("all of them", () => reading.texts.length >= 30, resumeMs);
    assert.equal([...reading.texts.slice(10)].sort(), numbers(20, 100));
  });

  test("goes on after the stream was purged", testMs, () =>
    startReading(async ({ manager, streams, reading }) => {
      await storeTexts(streams.store, numbers(5, 11));
      await manager.streams.purge(orders.name);
      await resumes(reading, streams, "after the purge");
      assert.is(reading.deliveries.at(-1)!.sequence, 16);
    }));

  test(
    "goes on after the broker was killed, and misses nothing",
    testMs,
    () =>
      startReading(async ({ server, manager, streams, reading }) => {
        for (let kill = 0; kill < 3; kill++) {
          await server.restart();
          await resumes(reading, streams, `after kill ${kill}`);
        }
        await until("all settled", async () => await settledUpTo(manager) === 13, resumeMs);
        assert.is(new Set(reading.texts).size, 13);
      }),
  );

  test(
    "says that it cannot read while the broker is silent, and goes on when it speaks again",
    testMs,
    () =>
      startReading(async ({ server, streams, reading }) => {
        server.freeze();
        await until("its word", () => reading.reader.state === "degraded", resumeMs);
        assert.is(reading.states.at(-1)!.error!.code, "DISCONNECTED");
        server.thaw();
        await resumes(reading, streams, "after the silence");
      }),
  );

  test(
    "goes on after an outage at once, without waiting for a sign of life",
    testMs,
    () =>
      startReading(async ({ server, streams, reading }) => {
        await server.kill();
        await server.restart();
        await until("the connection", async () => await streams.connection.flush(1_000).then(() => true, () => false));
        const started = performance.now();
        await storeTexts(streams.store, ["back"]);
        await until("message", () => reading.texts.includes("back"), resumeMs);
        assert.ok(performance.now() - started < 1_500, `${performance.now() - started} ms`);
      }),
  );

  test("ends for good where it can never read", async () => {
    await using server = await startNatsServer({ jetstream: true });
    await using manager = await openManager(server.url);
    await using streams = await openStreams(server.url);
    await streams.store.ensureStream(orders, call);
    await manager.consumers.add(orders.name, {
      durable_name: "billing",
      ack_policy: "none",
      filter_subject: "orders.other",
    });
    const reading = consume(streams.store);
    const error = await reading.reader.ready.then(() => undefined, (thrown) => thrown);
    assert.is(error.code, "UNSUPPORTED");
    assert.match(error.message, "subject: orders.moved is wanted, orders.other is there");
    assert.match(error.message, "ack_policy: explicit is wanted, none is there");
    assert.is(reading.reader.state, "ended");
  });

  test("lets instances differ in their patience: the longest counts", async () => {
    await using server = await startNatsServer({ jetstream: true });
    await using manager = await openManager(server.url);
    await using streams = await openStreams(server.url);
    await streams.store.ensureStream(orders, call);
    for (const ackWaitMs of [5_000, 20_000, 10_000]) {
      await consume(streams.store, { ackWaitMs }).reader.ready;
    }
    assert.is((await manager.consumers.info(orders.name, "billing")).config.ack_wait, 20_000 * 1e6);
  });
});
