/**
 * Spans and metrics of requests, handlers and events, by OpenTelemetry's conventions for messaging, through the
 * `@opentelemetry/api` that the program has set up. A program that does not import this has nothing of it.
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract, createMessagingClient, createMessagingServer, MemoryTransport } from "@magicbutton/messaging";
 * import { createTelemetry } from "@magicbutton/messaging/otel";
 *
 * const clock = createContract({
 *   name: "clock",
 *   version: "1.0.0",
 *   requests: { now: { request: v.object({ zone: v.string() }), response: v.object({ iso: v.string() }) } },
 * });
 * const transport = new MemoryTransport();
 * const middleware = [createTelemetry()];
 * const server = createMessagingServer({ contract: clock, transport, middleware });
 * server.registerHandler("now", () => ({ iso: new Date().toISOString() }));
 * await server.start();
 * const client = createMessagingClient({ contract: clock, transport, middleware });
 * await client.connect();
 * console.log(await client.request("now", { zone: "UTC" }));
 * await client.disconnect();
 * await server.stop();
 * ```
 *
 * @module
 */

export { createTelemetry } from "./create-telemetry.ts";
export type { TelemetryMeterProvider, TelemetryOptions, TelemetryTracerProvider } from "./telemetry-options.ts";
export type { TracedCallContext } from "./traced-call-context.ts";
export type { Middleware, OperationCall } from "../contract/operation-call.ts";
export type { MessageHeaders } from "../message/message-headers.ts";
