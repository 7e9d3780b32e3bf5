import type { MessagingError } from "../errors/messaging-error.ts";
import type { EdgeRefusalOptions } from "./edge-refusal.ts";

/** The media type of problem details. */
export const problemType = "application/problem+json";

/**
 * An error as problem details.
 *
 * @see RFC 9457, https://www.rfc-editor.org/rfc/rfc9457
 */
export function problemOf(
  error: MessagingError,
  { type, members }: Pick<EdgeRefusalOptions, "type" | "members"> = {},
): Readonly<Record<string, unknown>> {
  return {
    type: type ?? `urn:problem-type:magicbutton:${error.code}`,
    title: titleOf(error.code),
    status: error.status,
    detail: error.message,
    code: error.code,
    operation: error.operation,
    execution: error.execution,
    retryable: error.retryable,
    retryAfterMs: error.retryAfterMs,
    correlationId: error.correlationId,
    data: error.data,
    ...members,
  };
}

/** Headers that go with a problem of this kind. */
export function problemHeaders(error: MessagingError): Record<string, string> {
  const headers: Record<string, string> = { "Content-Type": problemType };
  if (error.status === 401) headers["WWW-Authenticate"] = "Bearer";
  if (error.retryAfterMs !== undefined) headers["Retry-After"] = String(Math.ceil(error.retryAfterMs / 1_000));
  return headers;
}

/** `OUT_OF_STOCK` as words: "Out of stock". */
function titleOf(code: string): string {
  const words = code.replaceAll("_", " ").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
