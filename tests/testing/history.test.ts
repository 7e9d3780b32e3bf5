import * as assert from "uvu/assert";
import * as v from "valibot";
import { createContract, createMessagingClient, isMessagingError, MemoryTransport } from "../../mod.ts";
import { createTestPair, TestTransport } from "../../src/testing/mod.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { describe } from "../support/suite.ts";
import { orders } from "./orders.ts";

const handlers = {
  placeOrder: (
    { sku, quantity }: { sku: string; quantity: number },
    context: { error(code: "OUT_OF_STOCK", data: { sku: string }): Error },
  ) => {
    if (sku === "X1") throw context.error("OUT_OF_STOCK", { sku });
    return { id: sku, total: quantity };
  },
  readPrice: () => ({ price: 1 }),
};

describe("The history", (test) => {
  test("has requests, answers, errors and events in order, with data, headers and outcome", async () => {
    await using pair = await createTestPair(orders, { as: ["clerk"], handlers });
    await pair.client.request("placeOrder", { sku: "A1", quantity: 2 }, { headers: { "X-Till": "7" } });
    await pair.server.broadcast("orderMoved", { id: "A1", region: "eu" }, { headers: { "X-By": "desk" } });
    await expectRejection(pair.client.request("placeOrder", { sku: "X1", quantity: 1 }), { code: "OUT_OF_STOCK" });
    await expectRejection(pair.client.request("cancelOrder", { id: "1" }), { code: "NO_RESPONDERS" });
    const [asked, answered, told, again, refused, lost, unheard] = pair.history.entries;
    assert.is(pair.history.entries.length, 7);

    assert.is(asked!.kind, "request");
    assert.is(asked!.operation, "placeOrder");
    assert.equal(pair.requests.all()[0]!.data, { sku: "A1", quantity: 2 });
    assert.is(asked!.headers.get("x-till"), "7");
    assert.ok(asked!.headers.get("authorization")?.startsWith("Bearer "));
    assert.is(asked!.subject, "orders.v1.request.placeOrder");
    assert.ok(answered!.kind === "answer" && answered!.request === asked);
    assert.ok(asked!.kind === "request" && asked!.outcome.status === "answered");
    assert.equal(pair.history.answers.last("placeOrder")?.data, { id: "A1", total: 2 });

    assert.ok(told!.kind === "event" && told!.outcome.status === "sent");
    assert.is(told!.subject, "orders.v1.event.orderMoved.eu.A1");
    assert.equal(pair.events.last("orderMoved")?.data, { id: "A1", region: "eu" });
    assert.is(told!.headers.get("X-By"), "desk");

    assert.ok(refused!.kind === "error" && refused!.request === again);
    assert.ok(refused!.kind === "error" && isMessagingError(refused!.error, "OUT_OF_STOCK"));
    assert.ok(again!.kind === "request" && again!.outcome.status === "failed");
    assert.ok(lost!.kind === "request" && unheard!.kind === "error" && unheard!.error.code === "NO_RESPONDERS");

    assert.equal(pair.requests.all("placeOrder").map(({ data }) => data.sku), ["A1", "X1"]);
    assert.equal(pair.history.errors.all().map(({ operation, error }) => [operation, error.code]), [
      ["placeOrder", "OUT_OF_STOCK"],
      ["cancelOrder", "NO_RESPONDERS"],
    ]);
    assert.is(pair.history.errors.last("readPrice"), undefined);
    pair.history.clear();
    assert.equal(pair.history.entries, []);
    assert.is(pair.requests.last(), undefined);
  });

  test("tells of a request on its way what became of it in the end", async () => {
    let answer: (value: { price: number }) => void = () => {};
    await using pair = await createTestPair(orders, {
      handlers: { readPrice: () => new Promise<{ price: number }>((resolve) => answer = resolve) },
    });
    const price = pair.client.request("readPrice", { sku: "A1" });
    const request = await pair.requests.next("readPrice");
    assert.is(request.outcome.status, "pending");
    await new Promise((resolve) => setTimeout(resolve, 0));
    answer({ price: 3 });
    assert.equal(await request.settled, { status: "answered", data: { price: 3 } });
    assert.equal(request.outcome, await request.settled);
    await price;
  });

  test("has each attempt of a request that is sent again", async () => {
    await using pair = await createTestPair(orders, { handlers });
    pair.faults.fail("readPrice", "DISCONNECTED", { times: 2 });
    assert.equal(await pair.client.request("readPrice", { sku: "A1" }), { price: 1 });
    assert.equal(pair.requests.all("readPrice").map(({ outcome }) => outcome.status), ["failed", "failed", "answered"]);
  });

  test("has bytes that are no JSON as they are", async () => {
    const transport = new TestTransport({ contract: orders });
    const connection = await transport.open();
    const options = { requestId: "1", timeoutMs: 1_000, operation: "readPrice" };
    await expectRejection(connection.request("orders.v1.request.readPrice", Uint8Array.of(1, 2), options));
    assert.equal(transport.history.requests.last()?.data, Uint8Array.of(1, 2));
    await connection.close();
  });

  test("leaves out what is not of the contract", async () => {
    const inner = new MemoryTransport();
    const transport = new TestTransport({ contract: orders, transport: inner });
    const connection = await transport.open();
    await connection.requestMany("$SRV.PING", new Uint8Array(), { requestId: "1", timeoutMs: 10, operation: "ping" });
    await expectRejection(
      connection.request("other.v1.request.a", new Uint8Array(), { requestId: "2", timeoutMs: 10, operation: "a" }),
      { code: "NO_RESPONDERS" },
    );
    await connection.publish("other.v1.event.a", new Uint8Array(), { timeoutMs: 10, operation: "a" });
    assert.equal(transport.history.entries, []);
    await connection.close();
  });

  test("forgets the oldest of too many, and says how many", async () => {
    await using pair = await createTestPair(orders, { handlers, history: { maxMessages: 3 } });
    for (const sku of ["A1", "A2", "A3"]) await pair.client.request("readPrice", { sku });
    assert.equal(pair.history.entries.map(({ kind }) => kind), ["answer", "request", "answer"]);
    assert.is(pair.history.forgotten, 3);
    await using small = await createTestPair(orders, { handlers, history: { maxBytes: 40 } });
    for (const sku of ["A1", "A2", "A3", "A4"]) await small.client.request("readPrice", { sku });
    assert.equal(small.requests.all().map(({ data }) => (data as { sku: string }).sku), ["A4"]);
    assert.throws(() => new TestTransport({ contract: orders, history: { maxBytes: -1 } }), /Cannot use `maxBytes`/);
  });

  test("is of each of two contracts on one transport by itself", async () => {
    const other = createContract({
      name: "other",
      version: "1.0.0",
      events: { told: v.object({ id: v.string() }) },
      requests: { readPrice: { request: v.object({}), response: v.object({}) } },
    });
    const outer = new TestTransport({ contract: other, transport: new TestTransport({ contract: orders }) });
    const client = createMessagingClient({ contract: other, transport: outer });
    await client.connect();
    await expectRejection(client.request("readPrice", {}), { code: "NO_RESPONDERS" });
    assert.is(outer.history.requests.all("readPrice").length, 1);
    await client.disconnect();
  });
});

describe("next()", (test) => {
  test("gives what came before, then what comes, each once and in order", async () => {
    await using pair = await createTestPair(orders);
    await pair.server.broadcast("orderPlaced", { id: "1", region: "eu" });
    await pair.server.broadcast("orderPlaced", { id: "2", region: "eu" });
    assert.is((await pair.events.next("orderPlaced")).data.id, "1");
    assert.is((await pair.events.next("orderPlaced")).data.id, "2");
    const third = pair.events.next("orderPlaced");
    const fourth = pair.events.next("orderPlaced");
    await pair.server.broadcast("orderMoved", { id: "9", region: "eu" });
    await pair.server.broadcast("orderPlaced", { id: "3", region: "eu" });
    await pair.server.broadcast("orderPlaced", { id: "4", region: "eu" });
    assert.is((await third).data.id, "3");
    assert.is((await fourth).data.id, "4");
    assert.is((await pair.events.next("orderMoved")).data.id, "9");
  });

  test("passes over what is not what is waited for", async () => {
    await using pair = await createTestPair(orders);
    const wanted = pair.events.next("orderPlaced", { where: ({ data }) => data.region === "us" });
    await pair.server.broadcast("orderPlaced", { id: "1", region: "eu" });
    await pair.server.broadcast("orderPlaced", { id: "2", region: "us" });
    assert.is((await wanted).data.id, "2");
    await expectRejection(pair.events.next("orderPlaced", { timeoutMs: 5 }), { code: "TIMEOUT" });
    const error = new Error("wrong test");
    const thrown = pair.events.next("orderPlaced", {
      where: () => {
        throw error;
      },
    });
    await pair.server.broadcast("orderPlaced", { id: "3", region: "us" });
    assert.is(await expectRejection(thrown), error);
  });

  test("says after its time what did come", async () => {
    await using pair = await createTestPair(orders, { handlers });
    const nothing = await expectRejection(pair.events.next("orderPlaced", { timeoutMs: 5 }), { code: "TIMEOUT" });
    assert.is(
      (nothing as Error).message,
      'Waited 5 ms in vain for event "orderPlaced": no "orderPlaced" came; no event at all is in the history',
    );
    await pair.server.broadcast("orderMoved", { id: "9", region: "eu" });
    await pair.server.broadcast("orderPlaced", { id: "1", region: "eu" });
    const where = ({ data }: { data: { id: string } }): boolean => data.id === "2";
    const other = await expectRejection(pair.events.next("orderPlaced", { timeoutMs: 5, where }));
    assert.is(
      (other as Error).message,
      'Waited 5 ms in vain for event "orderPlaced": 1 of "orderPlaced" came, 1 of them before the wait. In the history:\n' +
        '  orderMoved {"id":"9","region":"eu"}\n  orderPlaced {"id":"1","region":"eu"}',
    );
  });

  test("refuses an operation that is not in the contract and a time that is none", async () => {
    await using pair = await createTestPair(orders);
    await expectRejection(pair.events.next("orderLost" as "orderMoved"), { message: /has no event "orderLost"/ });
    await expectRejection(pair.requests.next("orderMoved" as "readPrice"), { message: /has no request "orderMoved"/ });
    for (const timeoutMs of [0, -1, Number.NaN, Infinity]) {
      await expectRejection(pair.events.next("orderMoved", { timeoutMs }), { message: /^Cannot use `timeoutMs`/ });
    }
  });
});
