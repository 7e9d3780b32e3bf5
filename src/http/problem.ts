import { MessagingError, type MessagingErrorOptions } from "../errors/messaging-error.ts";
import { decodeErrorReply } from "../message/error-reply.ts";
import { MessageHeaders } from "../message/message-headers.ts";

/** The media type of a problem document (RFC 9457). */
export const problemType = "application/problem+json";

/**
 * The error that a gateway's problem document tells of, its code still unchecked; `undefined` where it names none.
 * Never throws.
 */
export function problemError(body: Uint8Array, around: MessagingErrorOptions): MessagingError | undefined {
  const { code, message, data, retryable, retryAfterMs, execution, correlationId } = decodeErrorReply(
    MessageHeaders.empty,
    body,
  );
  if (code === undefined) return undefined;
  return new MessagingError(code, message, {
    ...around,
    data,
    retryable,
    retryAfterMs: retryAfterMs ?? around.retryAfterMs,
    execution,
    correlationId,
  });
}
