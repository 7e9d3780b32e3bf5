import type { RequestOperation } from "../contract/contract.ts";
import { isMessagingError, MessagingError } from "../errors/messaging-error.ts";

/** What a caller is told of a failure, and what only the server's log is. */
export interface ErrorAnswer {
  /** For the caller. */
  readonly error: MessagingError;
  /** For the log; absent where the caller is told all there is. */
  readonly hidden: unknown;
}

/**
 * Decides what a caller hears of what a handler threw: an error that the contract names for the request, with data that
 * fits, as it is; anything else as `INTERNAL` with a correlation id and nothing more.
 */
export async function answerError(
  operation: RequestOperation,
  thrown: unknown,
  correlationId: string,
): Promise<ErrorAnswer> {
  if (isMessagingError(thrown)) {
    const definition = operation.errors.get(thrown.code);
    if (definition !== undefined) {
      const checked = definition.data === undefined ? undefined : await definition.data.validate(thrown.data);
      if (checked?.issues === undefined) {
        const data = definition.data === undefined ? undefined : thrown.data;
        const { message, retryAfterMs } = thrown;
        const { status, retryable } = definition;
        return {
          error: new MessagingError(thrown.code, message, {
            data,
            status,
            retryable,
            retryAfterMs,
            operation: operation.name,
          }),
          hidden: undefined,
        };
      }
    }
  }
  return { error: internalError(operation.name, correlationId), hidden: thrown };
}

/** The error that shows nothing but where to look. */
export function internalError(operation: string, correlationId: string): MessagingError {
  return new MessagingError("INTERNAL", "The service failed", { operation, correlationId });
}

/** The answer of a handler that does not fit the contract, or the connection. */
export function invalidResponse(operation: string, correlationId: string, reason: string): MessagingError {
  return new MessagingError("INVALID_RESPONSE", `The answer to request "${operation}" ${reason}`, {
    operation,
    correlationId,
  });
}
