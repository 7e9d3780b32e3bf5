import { MessagingError } from "../errors/messaging-error.ts";
import { decodeBody } from "../message/json-codec.ts";
import type { Clock } from "../transport/clock.ts";
import { callGateway, type GatewayCaller } from "./call-gateway.ts";
import { readBody } from "./read-body.ts";
import { maximumRefusalBytes, refusalOf } from "./refusal.ts";
import { superviseCall } from "./supervise-call.ts";

/** What a readiness question is asked with. */
export interface AskReadinessOptions {
  /** Whom to ask. */
  readonly caller: GatewayCaller;
  /** How long an answer may take, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** Time. */
  readonly clock: Clock;
}

/**
 * Asks a gateway whether it can pass requests on, and gives the most bytes that one may have.
 *
 * @throws {MessagingError} `DISCONNECTED`
 */
export function askReadiness(
  { caller, connectTimeoutMs, clock }: AskReadinessOptions,
  ending: AbortSignal,
): Promise<number> {
  const what = "Connecting";
  return superviseCall({ caller, clock, what, ending, execution: "not-executed" }, async ({ signal, allowSilence }) => {
    allowSilence(connectTimeoutMs);
    const response = await callGateway(caller, "/readyz", {}, signal);
    const body = await readBody(response, signal, maximumRefusalBytes) ?? new Uint8Array(0);
    const bytes = response.status === 200 ? bodyBytesIn(body) : undefined;
    if (bytes !== undefined) return bytes;
    const { message, retryAfterMs } = refusalOf(response, body, { what, operation: undefined, clock });
    throw new MessagingError("DISCONNECTED", `No gateway is ready at ${caller.address.url}: ${message}`, {
      execution: "not-executed",
      retryAfterMs,
    });
  });
}

function bodyBytesIn(body: Uint8Array): number | undefined {
  try {
    const { bodyBytes } = decodeBody(body) as { bodyBytes?: unknown };
    return typeof bodyBytes === "number" && bodyBytes > 0 ? bodyBytes : undefined;
  } catch {
    return undefined;
  }
}
