import * as assert from "uvu/assert";
import type { Delivery } from "../../../src/transport/event-store.ts";
import { describeWithNatsServer } from "../../support/describe-with-nats-server.ts";
import { startFaultProxy } from "../../support/fault-proxy.ts";
import { startNatsServer } from "../../support/nats-server.ts";
import { until } from "../../support/until.ts";
import { openManager, settledUpTo } from "./manager.ts";
import { call, consume, numbers, openStreams, orders, storeTexts } from "./stream-scene.ts";

const testMs = { timeoutMs: 60_000 };
const exclusive = { exclusive: true, window: 32 } as const;

describeWithNatsServer("An exclusive reader over JetStream", { minimumVersion: "2.11.0" }, (test) => {
  test("is the only one that gets messages, in the stream's order", testMs, async () => {
    await using server = await startNatsServer({ jetstream: true });
    await using here = await openStreams(server.url);
    await using there = await openStreams(server.url);
    await here.store.ensureStream(orders, call);
    const first = consume(here.store, exclusive);
    const second = consume(there.store, exclusive);
    await Promise.all([first.reader.ready, second.reader.ready]);
    for (const text of numbers(300)) await storeTexts(here.store, [text]);
    await until("all of them", () => first.texts.length + second.texts.length === 300);
    const [all, none] = first.texts.length > 0 ? [first, second] : [second, first];
    assert.equal(all.texts, numbers(300));
    assert.equal(none.texts, []);
    assert.ok(all.most <= 32);
    // The broker adds its own line to the headers.
    assert.match(
      new TextDecoder().decode(all.deliveries[0]!.headerBlock),
      /^NATS\/1\.0\r\nNats-Msg-Id: 1\r\nNats-Expected-Stream: ORDERS\r\n\r\n$/,
    );
  });

  test("keeps its turn while it works on a full window for longer than a silent client would", testMs, async () => {
    await using server = await startNatsServer({ jetstream: true });
    await using here = await openStreams(server.url);
    await using there = await openStreams(server.url);
    await here.store.ensureStream(orders, call);
    await storeTexts(here.store, numbers(10));
    const waiting: Delivery[] = [];
    const first = consume(here.store, { exclusive: true, window: 2 }, (delivery) => void waiting.push(delivery));
    await until("a full window", () => waiting.length === 2);
    const second = consume(there.store, { exclusive: true, window: 2 });
    await second.reader.ready;
    await new Promise((resolve) => setTimeout(resolve, 9_000));
    assert.equal(second.texts, []);
    assert.equal(waiting.map(({ deliveries }) => deliveries), [1, 1]);
    await first.reader.stop();
  });

  test("hands over what it did not settle before anything newer, soon after it is gone", testMs, async () => {
    await using server = await startNatsServer({ jetstream: true });
    await using manager = await openManager(server.url);
    await using there = await openStreams(server.url);
    await there.store.ensureStream(orders, call);
    let mark = 0;
    for (let round = 0; round < 3; round++) {
      const here = await openStreams(server.url);
      const from = round * 40;
      // Every third is left behind.
      const first = consume(
        here.store,
        exclusive,
        (delivery) => delivery.sequence % 3 === 0 ? undefined : delivery.acknowledge(),
      );
      await first.reader.ready;
      for (const text of numbers(20, from + 1)) await storeTexts(there.store, [text]);
      await until("its twenty", () => first.texts.includes(String(from + 20)), 15_000);
      const left = first.deliveries.filter(({ sequence }) => sequence % 3 === 0).map(({ sequence }) => sequence);
      await here.connection.close();
      const gone = performance.now();
      const second = consume(there.store, exclusive);
      for (const text of numbers(20, from + 21)) await storeTexts(there.store, [text]);
      await until("all settled", async () => await settledUpTo(manager) === from + 40, 15_000);
      assert.ok(performance.now() - gone < 8_000, "well before the time to settle is over");
      const got = second.deliveries.map(({ sequence }) => sequence);
      assert.equal(got, [...left, ...numbers(20, from + 21).map(Number)], `round ${round}`);
      assert.ok(second.deliveries.slice(0, left.length).every(({ deliveries }) => deliveries === 2));
      await second.reader.stop();
      mark += left.length;
    }
    assert.ok(mark >= 18);
  });

  test("hands over a full window before anything newer", testMs, async () => {
    await using server = await startNatsServer({ jetstream: true });
    await using here = await openStreams(server.url);
    await here.store.ensureStream(orders, call);
    for (const text of numbers(12)) await storeTexts(here.store, [text]);
    const leaving = await openStreams(server.url);
    const full = { exclusive: true, window: 4 } as const;
    const first = consume(leaving.store, full, () => {});
    await until("a full window", () => first.texts.length === 4);
    const second = consume(here.store, full);
    await second.reader.ready;
    await leaving.connection.close();
    await until("all twelve", () => new Set(second.texts).size === 12, 15_000);
    assert.equal([...new Set(second.texts)], numbers(12));
  });

  test("gives nothing again that it has acknowledged, though it was asked for twice", testMs, async () => {
    await using server = await startNatsServer({ jetstream: true });
    await using proxy = await startFaultProxy(server.port);
    await using manager = await openManager(server.url);
    await using here = await openStreams(server.url);
    await using there = await openStreams(proxy.url);
    await here.store.ensureStream(orders, call);
    await storeTexts(here.store, numbers(5));
    const leaving = await openStreams(server.url);
    const first = consume(leaving.store, exclusive, () => {});
    await until("five", () => first.texts.length === 5);
    await leaving.connection.close();
    const delivered = async (): Promise<number> =>
      (await manager.consumers.info(orders.name, "billing")).delivered.consumer_seq;
    const second = consume(there.store, exclusive, async (delivery) => {
      if (delivery.sequence === 4) {
        // What is sent again is on its way until after the acknowledgement.
        proxy.weather = { kind: "delay", ms: 500 };
        const before = await delivered();
        here.connection.send(`$JS.ACK.ORDERS.billing.1.4.${before}.0.0`, new TextEncoder().encode("-NAK"));
        await until("it is sent again", async () => await delivered() > before);
      }
      await delivery.acknowledge();
    });
    await until("the five again", () => second.texts.length >= 5, 12_000);
    await until("all of them settled", async () => await settledUpTo(manager) === 5, 5_000);
    await storeTexts(here.store, ["6"]);
    await until("the sixth", () => second.texts.includes("6"));
    assert.equal(second.deliveries.map(({ sequence }) => sequence), [1, 2, 3, 4, 5, 6]);
  });

  test("fetches what was left behind where nothing newer comes", testMs, async () => {
    await using server = await startNatsServer({ jetstream: true });
    await using there = await openStreams(server.url);
    await there.store.ensureStream(orders, call);
    await storeTexts(there.store, numbers(5));
    const here = await openStreams(server.url);
    const first = consume(here.store, exclusive, () => {});
    await until("five", () => first.texts.length === 5);
    await here.connection.close();
    const second = consume(there.store, exclusive);
    await until("the five again", () => second.texts.length === 5, 12_000);
    assert.equal(second.deliveries.map(({ sequence }) => sequence), [1, 2, 3, 4, 5]);
  });

  test("keeps the order through kills of the broker and of clients", testMs, async () => {
    await using server = await startNatsServer({ jetstream: true });
    await using writer = await openStreams(server.url);
    await writer.store.ensureStream(orders, call);
    const settled: number[] = [];
    const seen: number[] = [];
    const handle = async (delivery: Delivery): Promise<void> => {
      seen.push(delivery.sequence);
      await delivery.acknowledge();
      settled.push(delivery.sequence);
    };
    let store = await openStreams(server.url);
    let standby = await openStreams(server.url);
    consume(store.store, exclusive, handle);
    consume(standby.store, exclusive, handle);
    const writing = (async () => {
      for (const text of numbers(600)) {
        await writer.store.store("orders.moved", new Uint8Array(), {
          timeoutMs: 20_000,
          operation: "order",
          stream: orders.name,
          messageId: text,
        });
      }
    })();
    for (let round = 0; round < 4; round++) {
      const enough = settled.length + 60;
      await until("some more", () => settled.length >= enough, 20_000);
      if (round % 2 === 0) await server.restart();
      else {
        await store.connection.close();
        [store, standby] = [standby, await openStreams(server.url)];
        consume(standby.store, exclusive, handle);
      }
    }
    await writing;
    await until("all settled", () => new Set(settled).size === 600, 20_000);
    // The first time that each is given, all before it have been given.
    const first = [...new Set(seen)];
    assert.equal(first, numbers(600).map(Number));
    await Promise.all([store.connection.close(), standby.connection.close()]);
  });
});
