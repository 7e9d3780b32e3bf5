import * as assert from "uvu/assert";
import {
  MemoryTransport,
  MessageHeaders,
  type OpenOptions,
  type Transport,
  type TransportConnection,
} from "../../mod.ts";
import { FakeClock, TestTransport } from "../../src/testing/mod.ts";
import type { EventStore, StoreMessageOptions } from "../../src/transport/event-store.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { describe } from "../support/suite.ts";
import { orders } from "./orders.ts";

/** Memory, with a stream that keeps what is stored. */
class StoringTransport extends MemoryTransport implements Transport {
  readonly stored: string[] = [];

  override async open(options?: OpenOptions): Promise<TransportConnection> {
    const connection = await super.open(options);
    const store = {
      store: (subject: string, body: Uint8Array, { stream }: StoreMessageOptions) => {
        this.stored.push(`${subject} ${new TextDecoder().decode(body)}`);
        return Promise.resolve({ stream, sequence: this.stored.length, duplicate: false });
      },
      bounds: (stream: string) => Promise.resolve({ first: 1, last: stream.length }),
    } as Partial<EventStore> as EventStore;
    return Object.assign(connection, { eventStore: () => Promise.resolve(store) });
  }
}

/** Memory without streams, as a transport of a user's own may be. */
class StorelessTransport extends MemoryTransport implements Transport {
  override async open(options?: OpenOptions): Promise<TransportConnection> {
    return Object.assign(await super.open(options), { eventStore: undefined }) as unknown as TransportConnection;
  }
}

const subject = "orders.v1.event.orderMoved.eu.1";
const body = new TextEncoder().encode('{"id":"1","region":"eu"}');
const options = {
  stream: "orders_v1",
  messageId: "1",
  timeoutMs: 1_000,
  operation: "orderMoved",
  headers: MessageHeaders.from({ "X-By": "desk" }),
};

describe("A test transport around one that stores events", (test) => {
  test("records what is stored and makes it fail, late, lost or doubled", async () => {
    const clock = new FakeClock();
    const inner = new StoringTransport();
    const transport = new TestTransport({ contract: orders, transport: inner, clock });
    const connection = await transport.open();
    const store = await connection.eventStore!();
    assert.equal(await store.store(subject, body, options), { stream: "orders_v1", sequence: 1, duplicate: false });
    const [event] = transport.history.events.all("orderMoved");
    assert.equal(event?.data, { id: "1", region: "eu" });
    assert.is(event?.headers.get("X-By"), "desk");
    assert.is(event?.outcome.status, "sent");

    transport.faults.fail("orderMoved", "BUSY");
    await expectRejection(store.store(subject, body, options), { code: "BUSY" });
    transport.faults.duplicate("orderMoved");
    await store.store(subject, body, options);
    assert.is(inner.stored.length, 3);

    for (const [at, count] of [["request", 3], ["answer", 4]] as const) {
      transport.faults.drop("orderMoved", { at });
      const lost = expectRejection(store.store(subject, body, options), { code: "TIMEOUT" });
      await clock.advance(1_000);
      await lost;
      assert.is(inner.stored.length, count, at);
      assert.is(transport.history.events.last("orderMoved")?.outcome.status, "failed");
    }

    transport.faults.delay("orderMoved", 400);
    const late = store.store(subject, body, options);
    await clock.advance(399);
    assert.is(inner.stored.length, 4);
    await clock.advance(1);
    assert.is((await late).sequence, 5);

    transport.disconnect();
    const waiting = store.store(subject, body, options);
    await clock.advance(10);
    assert.is(inner.stored.length, 5);
    await transport.reconnect();
    assert.is((await waiting).sequence, 6);
    assert.equal(await store.bounds("orders_v1", options), { first: 1, last: 9 });
    await store.store("other.v1.event.a", body, { ...options, operation: "a" });
    assert.is(transport.history.events.all().length, 7);
    await connection.close();
  });

  test("has no store where the other has none", async () => {
    const transport = new TestTransport({ contract: orders, transport: new StorelessTransport() });
    const connection = await transport.open();
    assert.is(connection.eventStore, undefined);
    await connection.close();
  });
});
