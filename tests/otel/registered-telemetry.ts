import { context, metrics, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import {
  AggregationTemporality,
  type DataPoint,
  type ExponentialHistogram,
  type Histogram,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { until } from "../support/until.ts";

/** What of OpenTelemetry is set up. */
export interface RegisterOptions {
  /** Whether the runtime carries the context. @default true */
  readonly contextManager?: boolean;
}

/** The real SDK, registered as a program does it, with exporters that keep what they get; until it is disposed of. */
export class RegisteredTelemetry implements AsyncDisposable {
  readonly #spans = new InMemorySpanExporter();
  readonly #metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  readonly tracerProvider: BasicTracerProvider;
  readonly meterProvider: MeterProvider;

  constructor({ contextManager = true }: RegisterOptions = {}) {
    this.tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(this.#spans)] });
    const reader = new PeriodicExportingMetricReader({ exporter: this.#metrics, exportIntervalMillis: 3_600_000 });
    this.meterProvider = new MeterProvider({ readers: [reader] });
    if (contextManager) context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    const propagators = [new W3CTraceContextPropagator(), new W3CBaggagePropagator()];
    propagation.setGlobalPropagator(new CompositePropagator({ propagators }));
    trace.setGlobalTracerProvider(this.tracerProvider);
    metrics.setGlobalMeterProvider(this.meterProvider);
  }

  /** The spans that have ended. */
  get spans(): readonly ReadableSpan[] {
    return this.#spans.getFinishedSpans();
  }

  /** Waits until so many spans have ended; gives them by name. */
  async named(count: number): Promise<ReadonlyMap<string, ReadableSpan>> {
    const spans = await until(`${count} spans`, () => this.spans.length >= count && this.spans);
    return new Map(spans.map((span) => [span.name, span]));
  }

  /** The metrics so far, by name. */
  async collect(): Promise<ReadonlyMap<string, MetricData>> {
    await this.meterProvider.forceFlush();
    const newest = this.#metrics.getMetrics().at(-1);
    const all = newest?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
    return new Map(all.map((metric) => [metric.descriptor.name, metric]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tracerProvider.shutdown();
    await this.meterProvider.shutdown();
    context.disable();
    propagation.disable();
    trace.disable();
    metrics.disable();
  }
}

type AnyPoint = DataPoint<number> | DataPoint<Histogram> | DataPoint<ExponentialHistogram>;

/** The points of a metric of one operation. */
export function pointsOf(metric: MetricData | undefined, destination: string): readonly AnyPoint[] {
  const points: readonly AnyPoint[] = metric?.dataPoints ?? [];
  return points.filter(({ attributes }) => attributes["messaging.destination.name"] === destination);
}

/** A point's number, or how many values a histogram's has. */
export function countOf({ value }: AnyPoint): number {
  return typeof value === "number" ? value : value.count;
}
