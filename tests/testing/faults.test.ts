import * as assert from "uvu/assert";
import {
  createMessagingClient,
  createMessagingServer,
  isMessagingError,
  type LibraryCode,
  libraryCodes,
  MemoryBroker,
  MemoryTransport,
  silentLogger,
} from "../../mod.ts";
import { createPayloadEncryption } from "../../src/security/mod.ts";
import {
  createTestPair,
  FakeClock,
  type TestPair,
  type TestPairOptions,
  TestTransport,
} from "../../src/testing/mod.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { describe } from "../support/suite.ts";
import { orders } from "./orders.ts";

type Orders = typeof orders;

/** A pair whose handlers count what they do. */
async function countingPair(
  options: Partial<TestPairOptions<Orders>> = {},
): Promise<TestPair<Orders> & { readonly served: string[] }> {
  const served: string[] = [];
  const pair = await createTestPair(orders, {
    as: ["clerk"],
    client: { retry: { attempts: 1 } },
    handlers: {
      placeOrder: ({ sku }) => {
        served.push(sku);
        return { id: sku, total: 1 };
      },
      readPrice: ({ sku }) => {
        served.push(sku);
        return { price: 1 };
      },
    },
    ...options,
  });
  return { ...pair, served };
}

const order = { sku: "A1", quantity: 1 };

describe("fail()", (test) => {
  test("makes the next request fail with a code of its own, with its data as the contract types it", async () => {
    await using pair = await countingPair();
    pair.faults.fail("placeOrder", "OUT_OF_STOCK", { data: { sku: "A1" } });
    const error = await expectRejection(pair.client.request("placeOrder", order), { code: "OUT_OF_STOCK" });
    assert.ok(isMessagingError(error) && error.status === 409 && error.message === "Not enough stock");
    assert.equal((error as { data: unknown }).data, { sku: "A1" });
    assert.equal(await pair.client.request("placeOrder", order), { id: "A1", total: 1 });
    assert.equal(pair.served, ["A1"]);
    assert.is(pair.requests.all()[0]!.fault, "fails with OUT_OF_STOCK");
    assert.is(pair.requests.all()[1]!.fault, undefined);
  });

  test("makes a request fail with each code of the library, as it would come", async () => {
    const encryption = createPayloadEncryption({ keys: { k: btoa("0".repeat(32)) }, current: "k", required: true });
    for (const options of [{}, { encryption }]) {
      await using pair = await countingPair(options);
      for (const [code, { status, execution }] of Object.entries(libraryCodes)) {
        pair.faults.fail("placeOrder", code as LibraryCode, { retryAfterMs: 70 });
        const error = await expectRejection(pair.client.request("placeOrder", order), { code });
        assert.ok(isMessagingError(error));
        assert.is(error.status, status, code);
        assert.is(error.execution, execution, code);
        assert.is(error.retryAfterMs, 70, code);
        assert.is(error.operation, "placeOrder", code);
      }
      assert.equal(pair.served, []);
    }
  });

  test("sends an error through the contract's own check of its data, as a service's is", async () => {
    await using pair = await countingPair();
    pair.faults.fail("placeOrder", "OUT_OF_STOCK", { data: { sku: 7 } as never });
    await expectRejection(pair.client.request("placeOrder", order), {
      code: "INVALID_RESPONSE",
      message: /OUT_OF_STOCK/,
    });
  });

  test("counts: the nth, and so many times", async () => {
    await using pair = await countingPair();
    const fault = pair.faults.fail("placeOrder", "BUSY", { nth: 3, times: 2 });
    const outcomes: string[] = [];
    for (let count = 0; count < 6; count++) {
      outcomes.push(await pair.client.request("placeOrder", order).then(() => "ok", ({ code }) => code));
    }
    assert.equal(outcomes, ["ok", "ok", "BUSY", "BUSY", "ok", "ok"]);
    assert.is(fault.happened, 2);
    const always = pair.faults.fail("placeOrder", "CLOSED", { times: Infinity });
    for (let count = 0; count < 3; count++) {
      await expectRejection(pair.client.request("placeOrder", order), { code: "CLOSED" });
    }
    assert.equal(pair.faults.unused, []);
    always.remove();
    await pair.client.request("placeOrder", order);
    pair.faults.fail("placeOrder", "BUSY", { nth: 2 });
    assert.equal(pair.faults.unused, ['"placeOrder" fails with BUSY: 0 of 1']);
    pair.faults.clear();
    assert.equal(pair.faults.unused, []);
    await pair.client.request("placeOrder", order);
    await pair.client.request("placeOrder", order);
  });

  test("is of one operation alone", async () => {
    await using pair = await countingPair();
    pair.faults.fail("placeOrder", "BUSY");
    await pair.client.request("readPrice", { sku: "A1" });
    await expectRejection(pair.client.request("placeOrder", order), { code: "BUSY" });
  });

  test("lets a client retry what may be retried", async () => {
    await using pair = await countingPair({ client: {} });
    pair.faults.fail("readPrice", "NO_RESPONDERS", { times: 2 });
    assert.equal(await pair.client.request("readPrice", { sku: "A1" }), { price: 1 });
    assert.is(pair.requests.all().length, 3);
  });

  test("makes a broadcast fail", async () => {
    await using pair = await countingPair();
    pair.faults.fail("orderMoved", "DISCONNECTED");
    const event = { id: "1", region: "eu" };
    await expectRejection(pair.server.broadcast("orderMoved", event), { code: "DISCONNECTED" });
    assert.is(pair.events.last("orderMoved")?.outcome.status, "failed");
    await pair.server.broadcast("orderMoved", event);
  });

  test("refuses what cannot be", async () => {
    await using pair = await countingPair();
    const { faults } = pair;
    assert.throws(() => faults.fail("placeOrders" as "placeOrder", "BUSY"), /has no operation "placeOrders"/);
    assert.throws(() => faults.fail("readPrice", "CLOSED" as "BUSY"), /neither the contract nor the library/);
    assert.throws(() => faults.fail("placeOrder", "BUSY", { nth: 0 }), /Cannot use `nth`/);
    assert.throws(() => faults.fail("placeOrder", "BUSY", { times: 1.5 }), /Cannot use `times`/);
    assert.throws(() => faults.delay("placeOrder", 0), /Cannot use `delayMs`/);
  });
});

describe("delay()", (test) => {
  test("makes a request late, by a clock that stands still", async () => {
    const clock = new FakeClock();
    await using pair = await countingPair({ clock });
    pair.faults.delay("placeOrder", 2_000);
    const asked = pair.client.request("placeOrder", order);
    await clock.advance(1_999);
    assert.equal(pair.served, []);
    await clock.advance(1);
    assert.equal(pair.served, ["A1"]);
    await asked;
  });

  test("makes an answer late after the work was done", async () => {
    const clock = new FakeClock();
    await using pair = await countingPair({ clock });
    pair.faults.delay("placeOrder", 2_000, { at: "answer" });
    let answered = false;
    void pair.client.request("placeOrder", order).then(() => {
      answered = true;
    });
    await clock.advance(1_999);
    assert.equal([pair.served, answered], [["A1"], false]);
    await clock.advance(1);
    assert.ok(answered);
  });

  test("longer than the deadline is a TIMEOUT at the deadline", async () => {
    for (const [at, execution, served] of [["request", "not-executed", 0], ["answer", "unknown", 1]] as const) {
      const clock = new FakeClock();
      await using pair = await countingPair({ clock });
      pair.faults.delay("placeOrder", 60_000, { at });
      let failure: unknown;
      pair.client.request("placeOrder", order).catch((error: unknown) => {
        failure = error;
      });
      await clock.advance(4_999);
      assert.is(failure, undefined);
      await clock.advance(1);
      assert.ok(isMessagingError(failure, "TIMEOUT") && failure.execution === execution, at);
      assert.is(pair.served.length, served);
    }
  });

  test("makes an event late, of which its teller knows nothing", async () => {
    const clock = new FakeClock();
    await using pair = await countingPair({ clock });
    const heard: string[] = [];
    await pair.client.subscribe("orderMoved", ({ id }) => heard.push(id)).ready;
    pair.faults.delay("orderMoved", 500);
    await pair.server.broadcast("orderMoved", { id: "late", region: "eu" });
    await pair.server.broadcast("orderMoved", { id: "next", region: "eu" });
    await clock.advance(499);
    assert.equal(heard, ["next"]);
    await clock.advance(1);
    assert.equal(heard, ["next", "late"]);
  });

  test("ends with its caller's signal and with its client", async () => {
    const clock = new FakeClock();
    await using pair = await countingPair({ clock });
    pair.faults.delay("placeOrder", 1_000, { times: 2 });
    const abort = new AbortController();
    const cancelled = pair.client.request("placeOrder", order, { signal: abort.signal });
    cancelled.catch(() => {});
    abort.abort();
    await expectRejection(cancelled, { code: "CANCELLED" });
    const left = pair.client.request("placeOrder", order);
    left.catch(() => {});
    await pair.client.disconnect();
    await expectRejection(left, { code: "DISCONNECTED" });
    assert.is(pair.served.length, 0);
    pair.faults.delay("orderMoved", 1_000);
    await pair.server.broadcast("orderMoved", { id: "1", region: "eu" });
    assert.is(pair.events.last()?.outcome.status, "pending");
    await pair[Symbol.asyncDispose]();
    assert.is(pair.events.last()?.outcome.status, "failed");
    assert.is(clock.timersWaiting, 0);
  });
});

describe("drop()", (test) => {
  test("loses a request, or its answer after the work was done: TIMEOUT, and nobody knows whether it was", async () => {
    for (const [at, served] of [["request", 0], ["answer", 1]] as const) {
      const clock = new FakeClock();
      await using pair = await countingPair({ clock });
      pair.faults.drop("placeOrder", { at });
      let failure: unknown;
      pair.client.request("placeOrder", order).catch((error: unknown) => {
        failure = error;
      });
      await clock.advance(4_999);
      assert.is(failure, undefined);
      await clock.advance(1);
      assert.ok(isMessagingError(failure, "TIMEOUT") && failure.execution === "unknown", at);
      assert.is(pair.served.length, served, at);
      assert.is(pair.history.errors.last("placeOrder")?.error, failure);
    }
  });

  test("loses an event", async () => {
    await using pair = await countingPair();
    const heard: string[] = [];
    await pair.client.subscribe("orderMoved", ({ id }) => heard.push(id)).ready;
    pair.faults.drop("orderMoved");
    await pair.server.broadcast("orderMoved", { id: "1", region: "eu" });
    await pair.server.broadcast("orderMoved", { id: "2", region: "eu" });
    await new Promise((resolve) => setTimeout(resolve, 0));
    assert.equal(heard, ["2"]);
    assert.is(pair.events.all()[0]!.fault, "is lost");
  });
});

describe("duplicate()", (test) => {
  test("delivers a request twice, and its caller gets one answer", async () => {
    await using pair = await countingPair();
    pair.faults.duplicate("placeOrder");
    assert.equal(await pair.client.request("placeOrder", order), { id: "A1", total: 1 });
    assert.equal(pair.served, ["A1", "A1"]);
    await pair.client.request("placeOrder", { sku: "A2", quantity: 1 });
    assert.equal(pair.served, ["A1", "A1", "A2"]);
  });

  test("shows that work with an id is done once", async () => {
    await using pair = await countingPair();
    pair.faults.duplicate("placeOrder");
    await pair.client.request("placeOrder", order, { idempotencyKey: "order-1" });
    assert.equal(pair.served, ["A1"]);
  });

  test("works with encryption", async () => {
    const encryption = createPayloadEncryption({ keys: { k: btoa("0".repeat(32)) }, current: "k", required: true });
    await using pair = await countingPair({ encryption });
    pair.faults.duplicate("placeOrder");
    await pair.client.request("placeOrder", order);
    assert.equal(pair.served, ["A1", "A1"]);
  });

  test("delivers an event twice", async () => {
    await using pair = await countingPair();
    const heard: string[] = [];
    await pair.client.subscribe("orderMoved", ({ id }) => heard.push(id)).ready;
    pair.faults.duplicate("orderMoved");
    await pair.server.broadcast("orderMoved", { id: "1", region: "eu" });
    await new Promise((resolve) => setTimeout(resolve, 0));
    assert.equal(heard, ["1", "1"]);
  });

  test("happens together with a delay", async () => {
    const clock = new FakeClock();
    await using pair = await countingPair({ clock });
    pair.faults.duplicate("placeOrder");
    pair.faults.delay("placeOrder", 100);
    const asked = pair.client.request("placeOrder", order);
    await clock.advance(99);
    assert.equal(pair.served, []);
    await clock.advance(1);
    await asked;
    assert.equal(pair.served, ["A1", "A1"]);
    assert.is(pair.requests.last()?.fault, "is delivered twice and is sent 100 ms late");
  });
});

describe("disconnect() and reconnect() of a test transport", (test) => {
  test("ends requests on their way, holds those that come, and brings subscriptions back with a gap", async () => {
    await using pair = await countingPair({
      handlers: { placeOrder: () => new Promise(() => {}), readPrice: () => ({ price: 1 }) },
    });
    const { client, server, transport } = pair;
    const heard: string[] = [];
    const gaps: string[] = [];
    const statuses: string[] = [];
    const onGap = ({ reason }: { reason: string }): void => void gaps.push(reason);
    const subscription = client.subscribe("orderMoved", { onGap }, ({ id }) => heard.push(id));
    await subscription.ready;
    client.onStatus((status) => statuses.push(status));
    const underway = client.request("placeOrder", order);
    underway.catch(() => {});
    await pair.requests.next("placeOrder");
    transport.disconnect("the cable was cut");
    transport.disconnect();
    const error = await expectRejection(underway, { code: "DISCONNECTED", message: /the cable was cut/ });
    assert.is((error as { execution: string }).execution, "unknown");
    assert.is(client.status, "reconnecting");
    assert.is(server.status, "reconnecting");
    const waiting = client.request("readPrice", { sku: "A1" });
    const told = server.broadcast("orderMoved", { id: "1", region: "eu" });
    const late = client.subscribe("orderPlaced", ({ id }) => heard.push(id));
    await transport.reconnect();
    await transport.reconnect();
    assert.equal(await waiting, { price: 1 });
    await told;
    await late.ready;
    await server.broadcast("orderPlaced", { id: "2", region: "eu" });
    await new Promise((resolve) => setTimeout(resolve, 0));
    assert.equal(heard, ["1", "2"]);
    assert.equal(gaps, ["outage"]);
    assert.equal(statuses, ["reconnecting", "connected"]);
  });

  test("a request that waits for the broker in vain is a TIMEOUT, a broadcast DISCONNECTED: neither happened", async () => {
    const clock = new FakeClock();
    await using pair = await countingPair({ clock });
    pair.transport.disconnect();
    const failures: unknown[] = [];
    const note = (error: unknown): void => void failures.push(error);
    pair.client.request("placeOrder", order).catch(note);
    pair.server.broadcast("orderMoved", { id: "1", region: "eu" }).catch(note);
    await clock.advance(5_000);
    const outcomes = failures.map((error) => isMessagingError(error) && [error.code, error.execution]);
    assert.equal(outcomes.sort(), [["DISCONNECTED", "not-executed"], ["TIMEOUT", "not-executed"]]);
    await pair.transport.reconnect();
    assert.equal(pair.served, []);
  });

  test("a service whose broker is lost serves nobody: others are told so at once", async () => {
    const broker = new MemoryBroker();
    const lossy = new TestTransport({ contract: orders, transport: new MemoryTransport({ broker }) });
    await using server = createMessagingServer({ contract: orders, transport: lossy, authenticate: () => undefined });
    server.registerHandler("readPrice", () => ({ price: 2 }));
    await server.start({ partial: true });
    await using client = createMessagingClient({
      contract: orders,
      transport: new MemoryTransport({ broker }),
      retry: { attempts: 1 },
    });
    await client.connect();
    await client.request("readPrice", { sku: "A1" });
    lossy.disconnect();
    await expectRejection(client.request("readPrice", { sku: "A1" }), { code: "NO_RESPONDERS" });
    await lossy.reconnect();
    assert.equal(await client.request("readPrice", { sku: "A1" }), { price: 2 });
  });

  test("goes on where a listener of its status throws, and says so", async () => {
    const said: unknown[] = [];
    const logger = { ...silentLogger, error: (text: string) => void said.push(text) };
    const transport = new TestTransport({ contract: orders, logger });
    const connection = await transport.open();
    transport.onStatus(() => {
      throw new Error("a listener");
    });
    transport.disconnect();
    await transport.reconnect();
    assert.is(transport.status, "connected");
    assert.equal(said, ["A status listener threw", "A status listener threw"]);
    await connection.close();
  });

  test("whoever connects meanwhile waits for the broker, or gives up", async () => {
    const transport = new TestTransport({ contract: orders });
    transport.disconnect();
    const client = createMessagingClient({ contract: orders, transport });
    await expectRejection(client.connect({ signal: AbortSignal.timeout(5) }), { code: "CANCELLED" });
    const connecting = client.connect();
    await transport.reconnect();
    await connecting;
    assert.is(client.status, "connected");
    await client.disconnect();
    assert.is(transport.status, "closed");
  });

  test("a pair whose broker is away can be left", async () => {
    const pair = await countingPair();
    pair.transport.disconnect();
    const waiting = pair.client.request("readPrice", { sku: "A1" });
    waiting.catch(() => {});
    await pair[Symbol.asyncDispose]();
    await waiting.catch(() => {});
    assert.is(pair.client.status, "closed");
    assert.is(pair.server.status, "closed");
  });
});
