import * as assert from "uvu/assert";
import { createMessagingClient, createMessagingServer, HttpTransport, NatsTransport } from "../../mod.ts";
import { createGateway } from "../../src/gateway/mod.ts";
import { conformance, createTestAuthenticator, createTestPair, TestTransport } from "../../src/testing/mod.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { orders } from "./orders.ts";

const timeoutMs = 60_000;

describeWithNatsServer("The testing kit over NATS", {}, (test) => {
  test("records and fails what a pair sends, loses the broker and brings it back", { timeoutMs }, async () => {
    await using nats = await startNatsServer();
    await using pair = await createTestPair(orders, {
      transport: new NatsTransport({ servers: [nats.url] }),
      as: ["manager"],
      handlers: { placeOrder: ({ sku }) => ({ id: sku, total: 1 }), readPrice: () => ({ price: 1 }) },
    });
    const order = { sku: "A1", quantity: 1 };
    assert.equal(await pair.client.request("placeOrder", order), { id: "A1", total: 1 });
    pair.faults.fail("placeOrder", "OUT_OF_STOCK", { data: { sku: "A1" } });
    await expectRejection(pair.client.request("placeOrder", order), { code: "OUT_OF_STOCK" });
    pair.faults.duplicate("placeOrder");
    await pair.client.request("placeOrder", order);
    const heard: string[] = [];
    const gap = new Promise((resolve) => {
      pair.client.subscribe("orderMoved", { onGap: resolve }, ({ id }) => heard.push(id));
    });
    pair.transport.disconnect();
    const waiting = pair.client.request("readPrice", { sku: "A1" });
    const told = pair.server.broadcast("orderMoved", { id: "1", region: "eu" });
    await pair.transport.reconnect();
    assert.equal(await waiting, { price: 1 });
    assert.equal(await gap, { reason: "outage", missed: undefined });
    await told;
    await pair.server.broadcast("orderPlaced", { id: "2", region: "eu" });
    assert.is((await pair.events.next("orderPlaced")).data.id, "2");
    assert.equal(heard, ["1"]);
  });

  test("holds a service to its contract, over NATS and through a gateway", { timeoutMs }, async () => {
    await using nats = await startNatsServer();
    const transport = new NatsTransport({ servers: [nats.url] });
    const { authenticate, tokenFor } = createTestAuthenticator();
    await using server = createMessagingServer({ contract: orders, transport, authenticate });
    server.registerHandler("placeOrder", ({ sku, quantity }) => ({ id: sku, total: quantity }));
    server.registerHandler("cancelOrder", () => ({ cancelled: true }));
    server.registerHandler("readPrice", () => ({ price: 1 }));
    await server.start();
    const gateway = createGateway({ contracts: [orders], transport, authenticate });
    await gateway.start();
    const overHttp = new HttpTransport({
      url: "https://gateway.test",
      fetch: (input, init) => gateway.fetch(new Request(input, init)),
    });
    const tokens = { guest: tokenFor(["guest"]), clerk: tokenFor(["clerk"]), manager: tokenFor(["manager"]) };
    for (const over of [transport, overHttp]) {
      const cases = await conformance(orders, { transport: over, tokens, secondAnswerMs: 20 });
      assert.ok(cases.length > 60);
      for (const { run } of cases) await run();
    }
    await gateway.stop();
  });

  test(
    "watches clients and servers that are as they are, each with a transport around its own",
    { timeoutMs },
    async () => {
      await using nats = await startNatsServer();
      const transport = new NatsTransport({ servers: [nats.url] });
      const watched = new TestTransport({ contract: orders, transport: new NatsTransport({ servers: [nats.url] }) });
      await using server = createMessagingServer({ contract: orders, transport, authenticate: () => undefined });
      server.registerHandler("readPrice", () => ({ price: 5 }));
      await server.start({ partial: true });
      await using client = createMessagingClient({ contract: orders, transport: watched });
      await client.connect();
      watched.faults.fail("readPrice", "DISCONNECTED");
      assert.equal(await client.request("readPrice", { sku: "A1" }), { price: 5 });
      assert.equal(watched.history.requests.all().map(({ outcome }) => outcome.status), ["failed", "answered"]);
    },
  );
});
