import assert from "node:assert/strict";
import { SpanStatusCode } from "@opentelemetry/api";
import { isMessagingError, MemoryTransport, safe } from "../../mod.ts";
import { withResolvers } from "../../src/transport/with-resolvers.ts";
import { describe } from "../support/suite.ts";
import { openPair } from "./open-pair.ts";
import { countOf, pointsOf, RegisteredTelemetry } from "./registered-telemetry.ts";
import { createOrder } from "./shop.ts";

const order = { sku: "A1", region: "eu" };
const find = "orders.v1.request.find";

class StockFileBroken extends Error {}

describe("Telemetry of what fails", (test) => {
  test("has the contract's code on both sides, and the status of an error without its text", async () => {
    await using telemetry = new RegisteredTelemetry();
    await using pair = await openPair({
      serve: (server) =>
        server.registerHandler("createOrder", (_, context) => {
          throw context.error("OUT_OF_STOCK", { sku: "A1" });
        }),
    });
    const result = await safe(pair.client.request("createOrder", order));
    assert.ok(!result.ok && isMessagingError(result.error, "OUT_OF_STOCK"));
    const spans = await telemetry.named(2);
    for (const name of [`send ${createOrder}`, `process ${createOrder}`]) {
      assert.deepEqual(spans.get(name)?.status, { code: SpanStatusCode.ERROR }, name);
      assert.equal(spans.get(name)?.attributes["error.type"], "OUT_OF_STOCK", name);
      assert.deepEqual(spans.get(name)?.events, [], name);
    }
    const metrics = await telemetry.collect();
    for (const [name, metric] of metrics) {
      const points = pointsOf(metric, createOrder);
      assert.deepEqual(points.map(({ attributes }) => attributes["error.type"]), ["OUT_OF_STOCK"], name);
    }
    assert.equal(metrics.size, 4);
  });

  test("calls a handler's own error by its class, and what its caller hears by the code", async () => {
    await using telemetry = new RegisteredTelemetry();
    const broken = new StockFileBroken("cannot read /secret/path");
    broken.name = "of customer 42";
    await using pair = await openPair({
      serve: (server) => server.registerHandler("createOrder", () => Promise.reject(broken)),
    });
    await safe(pair.client.request("createOrder", order));
    const spans = await telemetry.named(2);
    assert.equal(spans.get(`process ${createOrder}`)?.attributes["error.type"], "StockFileBroken");
    assert.equal(spans.get(`send ${createOrder}`)?.attributes["error.type"], "INTERNAL");
  });

  test("calls what is no error _OTHER", async () => {
    await using telemetry = new RegisteredTelemetry();
    const handled = withResolvers<void>();
    await using pair = await openPair();
    const onError = (): void => handled.resolve();
    await pair.client.subscribe("noted", { onError }, ({ text }) => Promise.reject(text)).ready;
    await pair.server.broadcast("noted", { text: "a secret" });
    await handled.promise;
    const spans = await telemetry.named(2);
    assert.equal(spans.get("process orders.v1.event.noted")?.attributes["error.type"], "_OTHER");
    assert.equal(spans.get("send orders.v1.event.noted")?.attributes["error.type"], undefined);
  });

  test("does not count as sent what never left", async () => {
    await using telemetry = new RegisteredTelemetry();
    await using pair = await openPair();
    await safe(pair.client.request("createOrder", { sku: 1 } as never));
    await safe(pair.server.broadcast("noted", { text: 1 } as never));
    await telemetry.named(2);
    const metrics = await telemetry.collect();
    assert.equal(metrics.get("messaging.client.sent.messages"), undefined);
    const [duration] = pointsOf(metrics.get("messaging.client.operation.duration"), createOrder);
    assert.equal(duration?.attributes["error.type"], "INVALID_REQUEST");
    assert.equal(countOf(duration!), 1);
  });

  test("counts every attempt of a request that is tried again, under one span that has succeeded", async () => {
    await using telemetry = new RegisteredTelemetry();
    let calls = 0;
    await using pair = await openPair({
      serve: (server) =>
        server.registerHandler("find", ({ id }, context) => {
          calls += 1;
          if (calls < 3) throw context.error("LATER");
          return { id };
        }),
    });
    assert.deepEqual(await pair.client.request("find", { id: "1" }), { id: "1" });
    const spans = await telemetry.named(4);
    assert.equal(spans.get(`send ${find}`)?.status.code, SpanStatusCode.UNSET);
    assert.equal(telemetry.spans.filter(({ name }) => name === `send ${find}`).length, 1);
    assert.equal(telemetry.spans.filter(({ name }) => name === `process ${find}`).length, 3);
    const metrics = await telemetry.collect();
    assert.deepEqual(pointsOf(metrics.get("messaging.client.sent.messages"), find).map(countOf), [3]);
    assert.deepEqual(pointsOf(metrics.get("messaging.client.operation.duration"), find).map(countOf), [1]);
  });

  test("is told of requests that nobody serves", async () => {
    await using telemetry = new RegisteredTelemetry();
    await using pair = await openPair({ client: { transport: new MemoryTransport() } });
    await safe(pair.client.request("createOrder", order));
    const spans = await telemetry.named(1);
    assert.equal(spans.get(`send ${createOrder}`)?.attributes["error.type"], "NO_RESPONDERS");
  });
});
