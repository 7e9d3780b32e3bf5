import * as assert from "uvu/assert";
import {
  type ConsumeOptions,
  type Delivery,
  type LogFields,
  MemoryBroker,
  MemoryTransport,
  silentLogger,
  type StreamDefinition,
} from "../../mod.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { describe } from "../support/suite.ts";

const call = { timeoutMs: 1_000, operation: "told" };

async function setUp(limits: Partial<StreamDefinition> = {}) {
  const clock = new FakeClock();
  const broker = new MemoryBroker({ clock });
  const logged: LogFields[] = [];
  const logger = { ...silentLogger, error: (_message: string, fields: LogFields = {}) => void logged.push(fields) };
  const open = () => new MemoryTransport({ broker, logger, clock }).open();
  const connection = await open();
  const store = await connection.eventStore!();
  const stream: StreamDefinition = { name: "S", subjects: ["s.>"], ...limits };
  await store.ensureStream(stream, call);
  const put = (id: string) =>
    store.store(`s.${id}`, new TextEncoder().encode(id), { ...call, stream: "S", messageId: id });
  const bounds = async () => Object.values(await store.bounds("S", call));
  const consume = async (options: Partial<ConsumeOptions> = {}) => {
    const other = await open();
    const deliveries: Delivery[] = [];
    const reader = (await other.eventStore!()).consume({
      stream,
      subject: "s.>",
      consumer: "c",
      from: "all",
      window: 10,
      ackWaitMs: 30_000,
      exclusive: false,
      onState: () => {},
      ...options,
      onDelivery: (delivery) => {
        deliveries.push(delivery);
        options.onDelivery?.(delivery);
      },
    });
    await reader.ready;
    const seen = () => deliveries.map(({ sequence, deliveries }) => `${sequence}/${deliveries}`);
    return { deliveries, reader, seen, connection: other };
  };
  return { clock, broker, store, put, bounds, consume, logged, stream, connection };
}

describe("The streams of a memory broker", (test) => {
  test("keep to the broker's clock: age", async () => {
    const { clock, put, bounds } = await setUp({ maxAgeMs: 60_000 });
    await put("a");
    clock.advance(30_000);
    await put("b");
    clock.advance(29_999);
    assert.equal(await bounds(), [1, 2]);
    clock.advance(1);
    assert.equal(await bounds(), [2, 2]);
    clock.advance(60_000);
    assert.equal(await bounds(), [3, 2]);
  });

  test("keep to the broker's clock: the duplicate window, which a duplicate does not lengthen", async () => {
    const { clock, put } = await setUp();
    await put("a");
    clock.advance(119_999);
    assert.is((await put("a")).duplicate, true);
    clock.advance(1);
    assert.equal(await put("a"), { stream: "S", sequence: 2, duplicate: false });
    clock.advance(60_000);
    assert.is((await put("b")).sequence, 3);
    clock.advance(60_000);
    assert.is((await put("a")).sequence, 4);
    clock.advance(70_000);
    assert.equal(await put("b"), { stream: "S", sequence: 5, duplicate: false });
    assert.is((await put("a")).sequence, 4);
  });

  test("keep to the broker's clock: the ack wait, keepAlive() and retryLater()", async () => {
    const { clock, put, consume } = await setUp();
    await put("a");
    const { deliveries, seen } = await consume();
    clock.advance(29_000);
    assert.equal(seen(), ["1/1"]);
    deliveries[0]!.keepAlive();
    clock.advance(29_000);
    assert.equal(seen(), ["1/1"]);
    clock.advance(1_010);
    assert.equal(seen(), ["1/1", "1/2"]);
    await deliveries[1]!.retryLater(5_000);
    clock.advance(4_990);
    assert.is(seen().length, 2);
    clock.advance(20);
    assert.equal(seen(), ["1/1", "1/2", "1/3"]);
    await deliveries[2]!.acknowledge();
    clock.advance(100_000);
    assert.is(seen().length, 3);
  });

  test("hold no timer where nobody waits for anything", async () => {
    const { clock, put, consume } = await setUp({ maxAgeMs: 60_000 });
    await put("a");
    await put("b");
    assert.is(clock.timersWaiting, 0);
    const { deliveries, reader } = await consume();
    assert.is(clock.timersWaiting, 1);
    await deliveries[0]!.acknowledge();
    await reader.stop();
    assert.is(clock.timersWaiting, 0);
    await deliveries[1]!.retryLater(10_000);
    assert.is(clock.timersWaiting, 0);
  });

  test("count an ack wait that ran out while nobody was there", async () => {
    const { clock, put, consume } = await setUp();
    await put("a");
    const { connection } = await consume();
    await connection.close();
    clock.advance(20_000);
    const { seen } = await consume();
    assert.equal(seen(), []);
    clock.advance(10_010);
    assert.equal(seen(), ["1/2"]);
  });

  test("hand an exclusive consumer on when what its instance had is settled or comes again", async () => {
    const { clock, put, consume } = await setUp();
    await put("a");
    await put("b");
    const one = await consume({ exclusive: true });
    const other = await consume({ exclusive: true });
    await one.deliveries[0]!.retryLater(60_000);
    await one.reader.stop();
    await put("c");
    assert.equal([one.seen(), other.seen()], [["1/1", "2/1"], []]);
    clock.advance(30_010);
    assert.equal(other.seen(), ["1/2", "2/2", "3/1"]);
    clock.advance(29_000);
    assert.is(other.seen().length, 3);
  });

  test("pass over what they no longer keep when it is to come again", async () => {
    const { put, consume } = await setUp({ maxMessages: 2 });
    const one = await consume({ exclusive: true, onDelivery: (delivery) => void delivery.retryLater(60_000) });
    const other = await consume({ exclusive: true });
    for (const id of ["a", "b", "c"]) await put(id);
    await one.reader.stop();
    assert.equal([one.seen(), other.seen()], [["1/1", "2/1", "3/1"], ["2/2", "3/2"]]);
  });

  test("wait for the most patient instance of a consumer", async () => {
    const { clock, put, consume } = await setUp();
    const one = await consume({ ackWaitMs: 1_000 });
    const other = await consume({ ackWaitMs: 5_000 });
    await put("a");
    clock.advance(4_900);
    assert.equal([one.seen(), other.seen()], [["1/1"], []]);
    clock.advance(120);
    assert.equal([one.seen(), other.seen()], [["1/1"], ["1/2"]]);
  });

  test("log callbacks that throw", async () => {
    const { put, consume, logged } = await setUp();
    const thrown = new Error("in a callback");
    await consume({
      onDelivery: () => {
        throw thrown;
      },
    });
    await put("a");
    assert.equal(logged, [{ error: thrown }]);
  });

  test("give instances their turns, however fast each settles", async () => {
    const { put, consume } = await setUp();
    const settle = (delivery: Delivery): void => void delivery.acknowledge();
    const one = await consume({ onDelivery: settle });
    const other = await consume({ onDelivery: settle });
    for (const id of ["a", "b", "c", "d"]) await put(id);
    assert.equal([one.seen(), other.seen()], [["1/1", "3/1"], ["2/1", "4/1"]]);
  });

  test("are gone when an operator deletes them, and say whether they were there", async () => {
    const { broker, put, consume } = await setUp();
    assert.equal([broker.deleteStream("T"), broker.deleteConsumer("S", "c"), broker.deleteConsumer("T", "c")], [
      false,
      false,
      false,
    ]);
    const { seen } = await consume();
    await put("a");
    assert.is(broker.deleteConsumer("S", "c"), true);
    await Promise.resolve();
    assert.equal(seen(), ["1/1", "1/1"]);
    assert.equal([broker.deleteStream("S"), broker.deleteStream("S")], [true, false]);
    await Promise.resolve();
    // Who reads it has made it again.
    assert.is(broker.deleteStream("S"), true);
  });
});
