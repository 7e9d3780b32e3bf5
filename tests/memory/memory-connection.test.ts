import * as assert from "uvu/assert";
import { type LogFields, MemoryBroker, MemoryTransport, MessageHeaders, silentLogger } from "../../mod.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { describe } from "../support/suite.ts";

const publishOptions = { timeoutMs: 1_000, operation: "told" };

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

async function setUp(broker = new MemoryBroker()) {
  const logged: LogFields[] = [];
  const logger = { ...silentLogger, error: (_message: string, fields: LogFields = {}) => void logged.push(fields) };
  const transport = new MemoryTransport({ broker, logger });
  const connection = await transport.open();
  const heard: string[] = [];
  const listen = (subject: string) =>
    connection.subscribe(subject, { onMessage: ({ body }) => heard.push(new TextDecoder().decode(body)) });
  return { connection, logged, heard, listen };
}

describe("MemoryConnection", (test) => {
  test("publish() copies the bytes before it comes back", async () => {
    const { connection, heard, listen } = await setUp();
    listen("a");
    const body = bytes("as it was");
    const published = connection.publish("a", body, publishOptions);
    body.fill(0x21);
    await published;
    await connection.flush(1_000);
    assert.equal(heard, ["as it was"]);
  });

  test("publish() and send() keep their order", async () => {
    const { connection, heard, listen } = await setUp();
    listen("a");
    const published = connection.publish("a", bytes("1"), publishOptions);
    connection.send("a", bytes("2"));
    await published;
    await connection.flush(1_000);
    assert.equal(heard, ["1", "2"]);
  });

  test("a callback that throws is logged and hurts only itself", async () => {
    const { connection, logged, heard, listen } = await setUp();
    const thrown = new Error("in a callback");
    connection.subscribe("a", {
      onMessage: () => {
        throw thrown;
      },
    });
    listen("a");
    connection.send("a", bytes("1"));
    connection.send("a", bytes("2"));
    await connection.flush(1_000);
    assert.equal(heard, ["1", "2"]);
    assert.equal(logged.map(({ subject, error }) => [subject, error]), [["a", thrown], ["a", thrown]]);
  });

  test("takes a message of exactly the limit and refuses one byte more, headers counted", async () => {
    const { connection, heard, listen } = await setUp(new MemoryBroker({ maxPayloadBytes: 100 }));
    listen("a");
    const headers = MessageHeaders.from({ a: "1" }); // 18 bytes with the version line
    assert.is(connection.maxPayloadBytes, 100);
    await connection.publish("a", bytes("x".repeat(100)), publishOptions);
    await connection.publish("a", bytes("x".repeat(82)), { ...publishOptions, headers });
    const error = await expectRejection(connection.publish("a", bytes("x".repeat(101)), publishOptions), {
      code: "PAYLOAD_TOO_LARGE",
      message: /^"told" has 101 bytes: the connection takes at most 100$/,
    });
    assert.equal((error as { data: unknown }).data, { bytes: 101, maxBytes: 100 });
    await expectRejection(connection.publish("a", bytes("x".repeat(83)), { ...publishOptions, headers }), {
      code: "PAYLOAD_TOO_LARGE",
    });
    assert.throws(() => connection.send("a", bytes("x".repeat(101))), /has 101 bytes/);
    await connection.flush(1_000);
    assert.is(heard.length, 2);
  });

  test("has nats-server's own limit where none is given", async () => {
    const { connection } = await setUp();
    assert.is(connection.maxPayloadBytes, 1_048_576);
  });

  test("refuses subjects and queue groups that NATS would refuse", async () => {
    const { connection } = await setUp();
    for (const subject of ["", "a b", "a.*", "a.>"]) {
      await expectRejection(connection.publish(subject, bytes(""), publishOptions), { code: "INVALID_REQUEST" });
    }
    assert.throws(() => connection.subscribe("a..b", { onMessage: () => {} }), /^Cannot subscribe to a subject/);
    assert.throws(() => connection.subscribe("a", { queueGroup: "a b", onMessage: () => {} }), /^Cannot use a queue/);
  });

  test("delivers nothing after unsubscribe(), and drain() delivers what was sent before it", async () => {
    const { connection, heard, listen } = await setUp();
    const [one, other] = [listen("a"), listen("b")];
    connection.send("a", bytes("never"));
    connection.send("b", bytes("drained"));
    one.unsubscribe();
    await other.drain();
    connection.send("b", bytes("late"));
    await connection.flush(1_000);
    assert.equal(heard, ["drained"]);
  });

  test("close() ends its subscriptions and its requests, and nothing can be sent after it", async () => {
    const broker = new MemoryBroker();
    const { connection, heard, listen } = await setUp(broker);
    listen("a");
    broker.subscribe({ subject: "slow", deliver: () => {} });
    const call = connection.request("slow", bytes(""), { requestId: "1", timeoutMs: 60_000, operation: "ask" });
    await connection.close();
    await connection.close();
    await expectRejection(call, { code: "DISCONNECTED" });
    broker.publish({ subject: "a", body: bytes("late") });
    await broker.delivered();
    assert.equal(heard, []);
    await expectRejection(connection.publish("a", bytes(""), publishOptions), { code: "DISCONNECTED" });
    assert.throws(() => connection.subscribe("a", { onMessage: () => {} }), /the connection was closed$/);
  });

  test("two transports hear each other on one broker, and not on two", async () => {
    const broker = new MemoryBroker();
    const [one, other, stranger] = [await setUp(broker), await setUp(broker), await setUp()];
    other.listen("a");
    stranger.listen("a");
    one.connection.send("a", bytes("1"));
    await one.connection.flush(1_000);
    assert.equal([other.heard, stranger.heard], [["1"], []]);
  });
});
