import assert from "node:assert/strict";
import { context, propagation, SpanKind } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { createTelemetry } from "../../src/otel/mod.ts";
import { withResolvers } from "../../src/transport/with-resolvers.ts";
import { describe } from "../support/suite.ts";
import { openPair, type TracedPair } from "./open-pair.ts";
import { OtlpReceiver } from "./otlp-receiver.ts";
import { findCollector, RealCollector } from "./real-collector.ts";
import { createOrder } from "./shop.ts";

const template = "orders.v1.event.orderMoved.{region}.{id}";

/** A request whose handler tells an event that is handled, exported over OTLP in batches. */
async function exportTo(url: string): Promise<void> {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const spanExporter = new OTLPTraceExporter({ url: `${url}/v1/traces` });
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(spanExporter)] });
  const exporter = new OTLPMetricExporter({ url: `${url}/v1/metrics` });
  const meterProvider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
  // Given, and not registered: for a program that keeps its providers to itself.
  const middleware = [createTelemetry({ tracerProvider, meterProvider })];
  try {
    const handled = withResolvers<void>();
    await using pair: TracedPair = await openPair({
      client: { middleware },
      server: { middleware },
      serve: (server) =>
        server.registerHandler("createOrder", async ({ sku, region }) => {
          await pair.server.broadcast("orderMoved", { id: sku, region });
          return { id: sku };
        }),
    });
    await pair.client.subscribe("orderMoved", () => handled.resolve()).ready;
    await pair.client.request("createOrder", { sku: "A1", region: "eu" });
    await handled.promise;
  } finally {
    await tracerProvider.shutdown();
    await meterProvider.shutdown();
    context.disable();
    propagation.disable();
  }
}

describe("Telemetry over OTLP", (test) => {
  test("comes to a receiver as one trace and four metrics, of this library's scope", async () => {
    await using receiver = await OtlpReceiver.start();
    await exportTo(receiver.url);
    const names = new Map(receiver.spans.map((span) => [span.spanId, span.name]));
    const tree = receiver.spans.map(({ name, kind, parentSpanId }) => {
      // OTLP counts kinds from 1.
      return `${SpanKind[kind - 1]} ${name} < ${names.get(parentSpanId ?? "")}`;
    });
    assert.deepEqual(
      tree.sort(),
      [
        `CONSUMER process ${template} < send ${template}`,
        `CONSUMER process ${createOrder} < send ${createOrder}`,
        `PRODUCER send ${template} < process ${createOrder}`,
        `PRODUCER send ${createOrder} < undefined`,
      ].sort(),
    );
    assert.equal(new Set(receiver.spans.map(({ traceId }) => traceId)).size, 1);
    assert.deepEqual(receiver.metrics.map(({ name, unit }) => `${name} ${unit}`).sort(), [
      "messaging.client.consumed.messages {message}",
      "messaging.client.operation.duration s",
      "messaging.client.sent.messages {message}",
      "messaging.process.duration s",
    ]);
    for (const { scope, schemaUrl } of receiver.scopes) {
      assert.equal(scope.name, "@magicbutton/messaging");
      assert.equal(schemaUrl, "https://opentelemetry.io/schemas/1.45.0");
    }
  });

  const program = findCollector();
  if (program === undefined) {
    return test.skip("comes to a real collector", "there is no otelcol on the PATH, and OTEL_COLLECTOR names none");
  }
  test("comes to a real collector", { timeoutMs: 40_000 }, async () => {
    await using collector = await RealCollector.start(program);
    await exportTo(collector.url);
    await collector.printed(/messaging\.process\.duration/);
    const text = await collector.printed(/process orders\.v1\.event\.orderMoved/);
    const ids = [...text.matchAll(/Trace ID +: ([\da-f]{32})/g)].map(([, id]) => id);
    assert.deepEqual([ids.length, new Set(ids).size], [4, 1]);
    for (const name of [`send ${createOrder}`, `process ${createOrder}`, `send ${template}`, `process ${template}`]) {
      assert.match(text, new RegExp(`Name +: ${name.replace(/[.{}]/g, "\\$&")}\n`));
    }
    assert.match(text, /Kind +: Producer/);
    assert.match(text, /messaging\.destination\.template: Str\(orders\.v1\.event\.orderMoved\.\{region\}\.\{id\}\)/);
    assert.match(text, /ScopeSpans SchemaURL: https:\/\/opentelemetry\.io\/schemas\/1\.45\.0/);
  });
});
