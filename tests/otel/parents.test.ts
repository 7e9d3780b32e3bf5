import assert from "node:assert/strict";
import { context, propagation, ROOT_CONTEXT, SpanKind, trace } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { withResolvers } from "../../src/transport/with-resolvers.ts";
import { createTelemetry } from "../../src/otel/mod.ts";
import { describe } from "../support/suite.ts";
import { openPair, type TracedPair } from "./open-pair.ts";
import { RegisteredTelemetry } from "./registered-telemetry.ts";
import { createOrder } from "./shop.ts";

const order = { sku: "A1", region: "eu" };
const find = "orders.v1.request.find";
const traceId = "0af7651916cd43dd8448eb211c80319c";
const spanId = "b7ad6b7169203331";
const traceparent = `00-${traceId}-${spanId}-01`;

/** A pair whose one handler makes a request of its own, for the one that it handles. */
async function openNested(): Promise<TracedPair> {
  const telemetry = createTelemetry();
  const pair: TracedPair = await openPair({
    client: { middleware: [telemetry] },
    server: { middleware: [telemetry] },
    serve: (server) => {
      server.registerHandler("find", ({ id }) => ({ id }));
      server.registerHandler("createOrder", ({ sku }, parent) => pair.client.request("find", { id: sku }, { parent }));
    },
  });
  return pair;
}

describe("A span's parent", (test) => {
  test("is the span that the program is in, also for a request that is made for another call", async () => {
    await using telemetry = new RegisteredTelemetry();
    await using pair = await openPair({ serve: (server) => server.registerHandler("find", ({ id }) => ({ id })) });
    const tracer = trace.getTracer("program");
    await tracer.startActiveSpan("work", async (span) => {
      const parent = { deadline: Date.now() + 5_000, signal: new AbortController().signal, traceparent };
      await pair.client.request("find", { id: "1" }, { parent });
      span.end();
    });
    const spans = await telemetry.named(3);
    const parent = spans.get(`send ${find}`)?.parentSpanContext?.spanId;
    assert.equal(parent, spans.get("work")?.spanContext().spanId);
  });

  test("is the message's at a handler, also where the runtime carries another one into it", async () => {
    await using telemetry = new RegisteredTelemetry();
    const handled = withResolvers<string | undefined>();
    await using pair = await openPair({ server: { middleware: [] } });
    await pair.client.subscribe("noted", () => {
      handled.resolve(trace.getActiveSpan()?.spanContext().spanId);
    }).ready;
    // In memory a handler runs in the context of whoever broadcasts.
    await trace.getTracer("program").startActiveSpan("work", async (span) => {
      await pair.server.broadcast("noted", { text: "1" });
      span.end();
    });
    const inHandler = await handled.promise;
    const spans = await telemetry.named(2);
    const process = spans.get("process orders.v1.event.noted");
    assert.equal(process?.parentSpanContext, undefined);
    assert.equal(process?.spanContext().spanId, inHandler);
  });

  test("is found by `parent` where the runtime carries no context", async () => {
    await using telemetry = new RegisteredTelemetry({ contextManager: false });
    await using pair = await openNested();
    await pair.client.request("createOrder", order);
    const spans = await telemetry.named(4);
    const parent = spans.get(`send ${find}`)?.parentSpanContext?.spanId;
    assert.equal(parent, spans.get(`process ${createOrder}`)?.spanContext().spanId);
    assert.equal(new Set(telemetry.spans.map((span) => span.spanContext().traceId)).size, 1);
  });

  test("is the caller's where `parent` came to a server without telemetry", async () => {
    await using telemetry = new RegisteredTelemetry();
    await using pair = await openPair({ serve: (server) => server.registerHandler("find", ({ id }) => ({ id })) });
    const parent = { deadline: Date.now() + 5_000, signal: new AbortController().signal, traceparent };
    await pair.client.request("find", { id: "1" }, { parent });
    const spans = await telemetry.named(2);
    assert.equal(spans.get(`send ${find}`)?.parentSpanContext?.spanId, spanId);
    assert.equal(spans.get(`process ${find}`)?.spanContext().traceId, traceId);
    assert.deepEqual(spans.get(`send ${find}`)?.links, []);
  });

  test("does not replace a trace that the caller has given the message itself", async () => {
    await using telemetry = new RegisteredTelemetry();
    const arrived = withResolvers<string | undefined>();
    await using pair = await openPair({
      serve: (server) =>
        server.registerHandler("find", ({ id }, { traceparent }) => {
          arrived.resolve(traceparent);
          return { id };
        }),
    });
    await pair.client.request("find", { id: "1" }, { headers: { traceparent } });
    assert.equal(await arrived.promise, traceparent);
    const spans = await telemetry.named(2);
    assert.equal(spans.get(`process ${find}`)?.parentSpanContext?.spanId, spanId);
    assert.deepEqual(spans.get(`send ${find}`)?.links.map(({ context: { spanId } }) => spanId), [spanId]);
  });

  test("travels with its baggage, as the propagator says", async () => {
    await using _telemetry = new RegisteredTelemetry();
    await using pair = await openPair({
      serve: (server) =>
        server.registerHandler("find", () => {
          const entry = propagation.getActiveBaggage()?.getEntry("tenant");
          return { id: entry?.value ?? "none" };
        }),
    });
    const baggage = propagation.createBaggage({ tenant: { value: "acme" } });
    const inside = propagation.setBaggage(ROOT_CONTEXT, baggage);
    assert.deepEqual(await context.with(inside, () => pair.client.request("find", { id: "1" })), { id: "acme" });
  });

  test("is left out of a message that has no room for it, which travels all the same", async () => {
    await using telemetry = new RegisteredTelemetry();
    // A composite one swallows what a setter throws.
    propagation.disable();
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    await using pair = await openPair({ serve: (server) => server.registerHandler("find", ({ id }) => ({ id })) });
    const headers = Object.fromEntries(Array.from({ length: 32 }, (_, index) => [`X-${index}`, "1"]));
    assert.deepEqual(await pair.client.request("find", { id: "1" }, { headers }), { id: "1" });
    const spans = await telemetry.named(2);
    assert.equal(spans.get(`process ${find}`)?.parentSpanContext, undefined);
  });

  test("is none for a reader of a stream, whose span links to the message", async () => {
    await using telemetry = new RegisteredTelemetry();
    await using pair = await openPair();
    await using stream = pair.client.events("orderMoved", { params: { region: "eu" } });
    await stream.ready;
    await pair.server.broadcast("orderMoved", { id: "1", region: "eu" });
    await stream.next();
    const spans = await telemetry.named(2);
    const template = "orders.v1.event.orderMoved.{region}.{id}";
    const receive = spans.get(`receive ${template}`);
    assert.equal(receive?.kind, SpanKind.CLIENT);
    assert.equal(receive.parentSpanContext, undefined);
    const sent = spans.get(`send ${template}`)?.spanContext().spanId;
    assert.deepEqual(receive.links.map(({ context: { spanId } }) => spanId), [sent]);
    const metrics = await telemetry.collect();
    const [consumed] = metrics.get("messaging.client.consumed.messages")?.dataPoints ?? [];
    assert.equal(consumed?.attributes["messaging.operation.type"], "receive");
    assert.equal(metrics.get("messaging.process.duration"), undefined);
  });
});
