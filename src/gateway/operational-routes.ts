import type { Contract } from "../contract/contract.ts";
import { contractDocuments } from "../describe/contract-documents.ts";
import { isMessagingError, MessagingError } from "../errors/messaging-error.ts";
import type { Logger } from "../logging/logger.ts";
import type { Clock } from "../transport/clock.ts";
import type { TransportConnection } from "../transport/transport.ts";
import { everyAnswer, problemAnswer } from "./edge-answers.ts";
import type { EdgeCall } from "./edge-call.ts";
import type { GatewayConnection } from "./gateway-connection.ts";
import type { EffectiveLimits } from "./gateway-limits.ts";
import type { GatewayMetrics } from "./gateway-metrics.ts";
import type { ExposeOptions } from "./gateway-options.ts";
import { livePageResponse } from "./live-page/live-page.ts";
import { prometheusType } from "./prometheus-text.ts";
import { ServiceStatisticsReader } from "./service-statistics.ts";
import type { ToldErrors } from "./told-errors.ts";

/** What the operational routes speak of. */
export interface OperationalRoutesOptions {
  readonly contracts: readonly Contract[];
  readonly namespace: string | undefined;
  readonly expose: ExposeOptions | undefined;
  readonly connection: GatewayConnection;
  readonly limits: EffectiveLimits;
  readonly metrics: GatewayMetrics;
  /** Joins the transport, where the gateway has not yet. */
  readonly join: () => TransportConnection | Promise<TransportConnection>;
  /** Whether the gateway stops, or has stopped. */
  readonly isStopping: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly told: ToldErrors;
}

/** A route that belongs to no contract; it is asked with `GET`. */
export interface OperationalRoute {
  /** Whether web pages of other origins may read it. */
  readonly cors: boolean;
  /** Answers; gives an answer to `HEAD` too, whose body is not sent. */
  readonly answer: (call: EdgeCall) => Response | Promise<Response>;
}

/** Every route that belongs to no contract, by path. */
export function operationalRoutes(options: OperationalRoutesOptions): ReadonlyMap<string, OperationalRoute> {
  const { metrics: showsMetrics = true, documents = true, page = true, statistics = true } = options.expose ?? {};
  const routes = new Map<string, OperationalRoute>([
    ["/healthz", { cors: false, answer: () => Response.json({ status: "alive" }, { headers: everyAnswer }) }],
    ["/readyz", { cors: true, answer: (call) => readiness(call, options) }],
  ]);
  if (showsMetrics) routes.set("/metrics", { cors: false, answer: () => metricsAnswer(options.metrics) });
  if (documents) {
    // Without the namespace, which is a matter of the network behind.
    const { openApi, asyncApi } = contractDocuments(options.contracts);
    routes.set("/openapi.json", { cors: true, answer: (call) => documentAnswer(call, openApi()) });
    routes.set("/asyncapi.json", { cors: true, answer: (call) => documentAnswer(call, asyncApi()) });
  }
  if (statistics) {
    const reader = new ServiceStatisticsReader(options);
    routes.set("/statistics", { cors: false, answer: () => statisticsAnswer(reader, options.told) });
  }
  if (page) routes.set("/", { cors: false, answer: livePageResponse });
  return routes;
}

function documentAnswer(call: EdgeCall, text: string): Response {
  return new Response(text, { headers: { "Content-Type": "application/json", ...everyAnswer, ...call.cors } });
}

async function statisticsAnswer(reader: ServiceStatisticsReader, told: ToldErrors): Promise<Response> {
  try {
    return Response.json(await reader.read(), { headers: everyAnswer });
  } catch (thrown) {
    // What the gateway's user may not ask names a subject of the broker.
    throw isMessagingError(thrown, "FORBIDDEN") ? told.ofConnection(thrown, undefined) : thrown;
  }
}

/** Ready means that a request would get through now; asking it starts a gateway that was not started. */
async function readiness(call: EdgeCall, options: OperationalRoutesOptions): Promise<Response> {
  const { connection, limits, join, isStopping } = options;
  const joined = isStopping() ? undefined : await Promise.resolve(join()).catch(() => undefined);
  if (joined === undefined || !connection.isConnected) {
    const text = isStopping() ? "The gateway stops" : "The gateway has no connection to the services";
    return problemAnswer(call, new MessagingError("DISCONNECTED", text, { execution: "not-executed" }));
  }
  const refusal = connection.answersRefusal;
  if (refusal !== undefined) {
    // Its text is of the gateway's own rights.
    options.logger.error("The gateway is not ready", { error: refusal });
    const text = "The gateway cannot hear the services' answers";
    return problemAnswer(call, new MessagingError("DISCONNECTED", text, { execution: "not-executed" }));
  }
  const bodyBytes = Math.min(limits.bodyBytes, joined.maxPayloadBytes);
  return Response.json({ status: "ready", bodyBytes }, { headers: { ...everyAnswer, ...call.cors } });
}

function metricsAnswer(metrics: GatewayMetrics): Response {
  return new Response(metrics.text(), { headers: { "Content-Type": prometheusType, ...everyAnswer } });
}
