import * as assert from "uvu/assert";
import { describeWithNatsServer } from "../../support/describe-with-nats-server.ts";
import { startFaultProxy } from "../../support/fault-proxy.ts";
import { startNatsServer } from "../../support/nats-server.ts";
import { until } from "../../support/until.ts";
import { openManager } from "./manager.ts";
import { call, numbers, openStreams, orders, replay, storeTexts, textOf } from "./stream-scene.ts";

const testMs = { timeoutMs: 60_000 };

async function storeInOrder(store: Parameters<typeof storeTexts>[0], texts: readonly string[]): Promise<void> {
  for (const text of texts) await storeTexts(store, [text]);
}

describeWithNatsServer("replay() over JetStream", {}, (test) => {
  test("reads in order, from where it is told, and leaves no trace", testMs, async () => {
    await using server = await startNatsServer({ jetstream: true, websocket: true });
    await using manager = await openManager(server.url);
    for (const url of [server.url, server.websocketUrl]) {
      await using scene = await openStreams(url);
      await scene.store.ensureStream(orders, call);
      await storeInOrder(scene.store, numbers(149));
      const stored = Date.now();
      await until("a later time", () => Date.now() > stored);
      const time = new Date();
      await storeInOrder(scene.store, numbers(51, 150));
      const all = replay(scene.store);
      const some = replay(scene.store, { from: { sequence: 150 } });
      const late = replay(scene.store, { from: { time } });
      const fresh = replay(scene.store, { from: "new" });
      const caughtUp: number[] = [];
      const told = replay(scene.store, { onCaughtUp: () => void caughtUp.push(told.texts.length) });
      const none = replay(scene.store, { subject: "orders.none", onCaughtUp: () => void caughtUp.push(-1) });
      const every = [all, some, late, fresh, told, none];
      await Promise.all(every.map(({ reader }) => reader.ready));
      await storeInOrder(scene.store, ["last"]);
      await until("the last one", () => [all, some, late, fresh, told].every(({ texts }) => texts.at(-1) === "last"));
      assert.equal(all.texts, [...numbers(200), "last"]);
      assert.equal(some.texts, [...numbers(51, 150), "last"]);
      assert.equal(fresh.texts, ["last"]);
      assert.equal(late.texts, [...numbers(51, 150), "last"]);
      assert.equal(caughtUp.sort(), [-1, 200]);
      assert.equal(every.map(({ resets }) => resets.length), [0, 0, 0, 0, 0, 0]);
      await Promise.all(every.map(({ reader }) => reader.stop()));
      const consumers = [];
      for await (const consumer of manager.consumers.list(orders.name)) consumers.push(consumer.name);
      assert.equal(consumers, []);
      await manager.streams.delete(orders.name);
    }
  });

  test("waits for each message to be taken, and keeps few of them", testMs, async () => {
    await using server = await startNatsServer({ jetstream: true });
    await using manager = await openManager(server.url);
    await using scene = await openStreams(server.url);
    await scene.store.ensureStream(orders, call);
    await storeInOrder(scene.store, numbers(300));
    let release: () => void = () => {};
    const gate = new Promise<void>((resolve) => release = resolve);
    const reading = replay(scene.store, { onMessage: () => gate });
    await reading.reader.ready;
    const delivered = async (): Promise<number> => {
      for await (const { delivered } of manager.consumers.list(orders.name)) return delivered.stream_seq;
      return 0;
    };
    await until("what it keeps", async () => await delivered() === 64);
    assert.equal(reading.texts, []);
    release();
    await until("all of them", () => reading.texts.length === 300);
    assert.equal(reading.texts, numbers(300));
  });

  test("goes on behind the last message through kills of the broker, each message once", testMs, async () => {
    await using server = await startNatsServer({ jetstream: true });
    await using scene = await openStreams(server.url);
    await scene.store.ensureStream(orders, call);
    const reading = replay(scene.store);
    await reading.reader.ready;
    for (let kill = 0; kill < 4; kill++) {
      await storeInOrder(scene.store, numbers(100, kill * 100 + 1));
      await server.restart();
    }
    await until("all of them", () => reading.texts.length >= 400, 15_000);
    assert.equal(reading.texts, numbers(400));
    assert.equal(reading.resets, []);
    assert.ok(reading.states.includes("degraded"));
  });

  test("misses nothing that was on its way when the connection broke, each message once", testMs, async () => {
    await using server = await startNatsServer({ jetstream: true });
    await using proxy = await startFaultProxy(server.port);
    await using writer = await openStreams(server.url);
    await using here = await openStreams(proxy.url);
    await writer.store.ensureStream(orders, call);
    const reading = replay(here.store);
    await reading.reader.ready;
    const writing = storeInOrder(writer.store, numbers(3_000));
    for (let cut = 1; cut <= 8; cut++) {
      await until("some more", () => reading.texts.length >= cut * 250, 20_000);
      // In the middle of a message that is on its way.
      proxy.cutAfter(1_000, "toClient");
      await until("the break", () => proxy.sprung === cut);
    }
    await writing;
    await until("all of them", () => reading.texts.length >= 3_000, 20_000);
    assert.equal(reading.texts, numbers(3_000));
    assert.equal(reading.resets, []);
  });

  test("goes on where its consumer is deleted", testMs, async () => {
    await using server = await startNatsServer({ jetstream: true });
    await using manager = await openManager(server.url);
    await using scene = await openStreams(server.url);
    await scene.store.ensureStream(orders, call);
    const reading = replay(scene.store);
    await storeInOrder(scene.store, numbers(10));
    await until("ten", () => reading.texts.length === 10);
    for await (const { name } of manager.consumers.list(orders.name)) await manager.consumers.delete(orders.name, name);
    await storeInOrder(scene.store, numbers(10, 11));
    await until("ten more", () => reading.texts.length >= 20, 10_000);
    assert.equal(reading.texts, numbers(20));
    assert.equal(reading.resets, []);
  });

  test("says where something is missing: taken away while it was not there, or of another stream", testMs, async () => {
    await using server = await startNatsServer({ jetstream: true });
    await using manager = await openManager(server.url);
    await using scene = await openStreams(server.url);
    await scene.store.ensureStream(orders, call);
    await storeInOrder(scene.store, numbers(20));
    await manager.streams.purge(orders.name, { seq: 11 });
    const late = replay(scene.store, { from: { sequence: 5 } });
    const ahead = replay(scene.store, { from: { sequence: 500 } });
    const right = replay(scene.store, { from: { sequence: 11 } });
    const next = replay(scene.store, { from: { sequence: 21 } });
    await until("ten each", () => [late, ahead, right].every(({ texts }) => texts.length === 10));
    assert.equal([late.resets, ahead.resets, right.resets, next.resets], [[0], [0], [], []]);
    await manager.streams.delete(orders.name);
    await until("the stream", async () => await manager.streams.info(orders.name).catch(() => undefined), 10_000);
    await storeInOrder(scene.store, ["fresh"]);
    await until("the new stream's", () => [late, ahead, right].every(({ texts }) => texts.at(-1) === "fresh"), 10_000);
    assert.equal(right.resets, [10]);
  });

  test("goes on where what takes a message throws", testMs, async () => {
    await using server = await startNatsServer({ jetstream: true });
    await using scene = await openStreams(server.url);
    await scene.store.ensureStream(orders, call);
    await storeInOrder(scene.store, numbers(5));
    const reading = replay(scene.store, {
      onMessage: (message) => {
        if (message.sequence % 2 === 0) throw new Error("not this one");
      },
    });
    await until("the last", () => reading.texts.at(-1) === "5");
    assert.equal(reading.texts, ["1", "3", "5"]);
  });
});

describeWithNatsServer("Stored messages over JetStream", {}, (test) => {
  test("are read, taken away and counted", async () => {
    await using server = await startNatsServer({ jetstream: true });
    await using scene = await openStreams(server.url);
    const { store } = scene;
    await store.ensureStream(orders, call);
    assert.equal(await store.bounds(orders.name, call), { first: 1, last: 0 });
    const read = (sequence: number, subject: string) => store.read(orders.name, { sequence, subject }, call);
    assert.is(await read(0, "orders.>"), undefined);
    await storeInOrder(store, numbers(3));
    await storeTexts(store, ["four"], "orders.other");
    const other = await read(1, "orders.other");
    assert.is(`${textOf(other!)} ${other!.sequence} ${other!.subject}`, "four 4 orders.other");
    assert.match(new TextDecoder().decode(other!.headerBlock), /^NATS\/1\.0\r\nNats-Msg-Id: four/);
    assert.ok(Math.abs(other!.publishedAt - Date.now()) < 5_000);
    assert.is((await read(2, "orders.*"))!.sequence, 2);
    assert.is(await store.remove(orders.name, 2, call), true);
    assert.is(await store.remove(orders.name, 2, call), false);
    assert.is(await store.remove(orders.name, 99, call), false);
    assert.is((await read(2, "orders.*"))!.sequence, 3);
    assert.is(await read(5, "orders.*"), undefined);
    assert.equal(await store.bounds(orders.name, call), { first: 1, last: 4 });
    const error = await store.bounds("NONE", call).then(() => undefined, (thrown) => thrown);
    assert.is(error.code, "NO_RESPONDERS");
  });
});
