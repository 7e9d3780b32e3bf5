// This library over NATS with telemetry on both ends. The exporters take what they get and do nothing with it: what a
// collector costs is not the library's.
import { context, metrics, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace-base";
import process from "node:process";
import { connectClient, library, startServer } from "./library.mjs";

const { createTelemetry } = await import(new URL("src/otel/mod.js", process.env.BENCH_LIBRARY).href);

const exporter = {
  export: (_, done) => done({ code: 0 }),
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

/** Registers the SDK as a program does it; of the traces it keeps such a share. */
export function register(share) {
  const root = new TraceIdRatioBasedSampler(share);
  // What has no room is dropped by the processor, as in a program; 2,048 spans are its own default.
  const spanProcessors = [new BatchSpanProcessor(exporter)];
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(new BasicTracerProvider({ sampler: new ParentBasedSampler({ root }), spanProcessors }));
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] }));
}

const over = ({ url }) => new library.NatsTransport({ servers: url });
const inside = ({ prefix }) => ({ namespace: prefix, middleware: [createTelemetry()] });

export async function serve(broker, answer, options) {
  const server = await startServer(over(broker), answer, { ...inside(broker), ...options });
  return { close: () => server.stop() };
}

export async function open(broker) {
  const client = await connectClient(over(broker), inside(broker));
  return { request: (order) => client.request("createOrder", order), close: () => client.disconnect() };
}
