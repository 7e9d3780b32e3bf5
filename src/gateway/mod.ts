/**
 * An HTTP gateway: clients on the internet reach the requests and events of its contracts, and nothing else of the
 * broker behind it. It runs wherever `fetch`, `Request` and `Response` do.
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract, NatsTransport } from "@magicbutton/messaging";
 * import { createGateway } from "@magicbutton/messaging/gateway";
 *
 * const clock = createContract({
 *   name: "clock",
 *   version: "1.0.0",
 *   requests: { now: { request: v.object({ zone: v.string() }), response: v.object({ iso: v.string() }) } },
 *   events: { ticked: v.object({ at: v.number() }) },
 * });
 * const gateway = createGateway({
 *   contracts: [clock],
 *   transport: new NatsTransport({ servers: "nats://127.0.0.1:4222" }),
 *   cors: { origins: ["https://app.example.com"] },
 * });
 * // POST /clock/v1/now and GET /clock/v1/events?name=ticked, under any HTTP server: Deno.serve(gateway.fetch)
 * console.log(typeof gateway.fetch);
 * ```
 *
 * @module
 */

export { createGateway } from "./create-gateway.ts";
export type { GatewayLimits, RateLimit } from "./gateway-limits.ts";
export type {
  AuthorizeEvents,
  CorsOptions,
  ExposeOptions,
  Gateway,
  GatewayCallContext,
  GatewayOptions,
  GatewayStopOptions,
} from "./gateway-options.ts";
