import { isMessagingError, MessagingError } from "../errors/messaging-error.ts";
import type { Logger } from "../logging/logger.ts";
import { problemAnswer } from "./edge-answers.ts";
import { type EdgeCall, unmatchedRoute } from "./edge-call.ts";
import { EdgeRefusal, type RefusalReason } from "./edge-refusal.ts";
import type { GatewayMetrics } from "./gateway-metrics.ts";
import type { ToldErrors } from "./told-errors.ts";

/** What a refusal at the edge is called in the metrics, by the code of its error. */
const reasonOfCode: Readonly<Record<string, RefusalReason | undefined>> = {
  UNAUTHENTICATED: "unauthenticated",
  FORBIDDEN: "forbidden",
  INVALID_REQUEST: "invalid",
  INVALID_EVENT: "invalid",
  MALFORMED_MESSAGE: "malformed",
};

/** How calls end: failures as answers, and every call in the counts and in the access log. */
export class CallOutcomes {
  readonly #metrics: GatewayMetrics;
  readonly #told: ToldErrors;
  readonly #logger: Logger;

  /** For one gateway. */
  constructor(metrics: GatewayMetrics, told: ToldErrors, logger: Logger) {
    this.#metrics = metrics;
    this.#told = told;
    this.#logger = logger;
  }

  /** The answer to a call that failed. */
  failed(call: EdgeCall, thrown: unknown): Response {
    if (thrown instanceof EdgeRefusal) {
      this.#metrics.rejected(thrown.options.reason);
      return problemAnswer(call, named(thrown.error, call.operation), thrown.options);
    }
    // What has gone as far as to its service was put in a caller's words there.
    if (call.forwarded && isMessagingError(thrown)) return problemAnswer(call, thrown);
    const error = this.#told.ofProgram(thrown, call.operation);
    const reason = reasonOfCode[error.code];
    if (reason !== undefined) this.#metrics.rejected(reason);
    return problemAnswer(call, named(error, call.operation));
  }

  /** Counts a call that was answered, and writes it down: no query, no token, no body. */
  ended(call: EdgeCall, status: number, durationMs: number): void {
    if (call.counts !== undefined) call.counts.count(status, durationMs);
    else if (call.route === unmatchedRoute) this.#metrics.unmatched.count(status, durationMs);
    this.#logger.info("HTTP request", {
      method: call.request.method,
      route: call.route,
      status,
      durationMs: Math.round(durationMs * 1_000) / 1_000,
      actor: call.actorId,
      operation: call.operation,
    });
  }
}

/** With the operation's name, where the error does not say it. */
function named(error: MessagingError, operation: string | undefined): MessagingError {
  if (operation === undefined || error.operation !== undefined) return error;
  const { code, message, status, retryable, retryAfterMs, execution, correlationId, data } = error;
  return new MessagingError(code, message, {
    status,
    retryable,
    retryAfterMs,
    execution,
    correlationId,
    data,
    operation,
  });
}
