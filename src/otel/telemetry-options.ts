import type { Clock } from "../transport/clock.ts";

/** As much of OpenTelemetry's `TracerProvider` as is asked for; every SDK has one. */
export interface TelemetryTracerProvider {
  /** Gives the tracer of this library, by its name, version and schema. Never throws. */
  getTracer(name: string, version?: string, options?: { readonly schemaUrl?: string }): object;
}

/** As much of OpenTelemetry's `MeterProvider` as is asked for; every SDK has one. */
export interface TelemetryMeterProvider {
  /** Gives the meter of this library, by its name, version and schema. Never throws. */
  getMeter(name: string, version?: string, options?: { readonly schemaUrl?: string }): object;
}

/**
 * Options of `createTelemetry`.
 *
 * @example
 * ```ts
 * import type { TelemetryOptions } from "@magicbutton/messaging/otel";
 *
 * const options: TelemetryOptions = { attributes: { "server.address": "nats.example.com", "server.port": 4222 } };
 * ```
 */
export interface TelemetryOptions {
  /** Makes the tracer. @default the one that is registered with `@opentelemetry/api`, now or later */
  readonly tracerProvider?: TelemetryTracerProvider;
  /** Makes the meter. @default the one that is registered with `@opentelemetry/api`, now or later */
  readonly meterProvider?: TelemetryMeterProvider;
  /**
   * Said with every span and every metric, such as `server.address` of the broker: what is the same for all messages.
   *
   * @default none
   */
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
  /** What `messaging.system` is. @default "nats" */
  readonly system?: string;
  /** Time. @default the runtime's */
  readonly clock?: Clock;
}
