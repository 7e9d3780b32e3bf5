import type { Execution } from "../errors/error-codes.ts";
import type { MessagingError } from "../errors/messaging-error.ts";
import { headerNames } from "./header-names.ts";
import { decodeBody, encodeBody } from "./json-codec.ts";
import { maximumErrorTextLength } from "./limits.ts";
import { MessageHeaders } from "./message-headers.ts";

/** A reply that is an error, as it travels: headers of ADR-32 and a JSON body. */
export interface EncodedErrorReply {
  /** `Nats-Service-Error`, `Nats-Service-Error-Code` and `Mb-Error`. */
  readonly headers: MessageHeaders;
  /** `{ code, message, data?, retryable?, retryAfterMs?, correlationId? }`. */
  readonly body: Uint8Array;
}

/** What an error reply of any service says, bounded and with the right types; nothing in it is trusted further. */
export interface DecodedErrorReply {
  /** The code, where the service speaks this library's protocol. */
  readonly code: string | undefined;
  /** In words. */
  readonly message: string;
  /** `Nats-Service-Error-Code`, where it is an HTTP-like status. */
  readonly status: number | undefined;
  /** Not yet checked. */
  readonly data: unknown;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean | undefined;
  /** How long to wait before another attempt, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** Whether the work may have happened. */
  readonly execution: Execution | undefined;
  /** Finds the failure in the server's log. */
  readonly correlationId: string | undefined;
}

/** Writes an error as a reply; without `showText` its headers show nothing but the code. */
export function encodeErrorReply(error: MessagingError, options: { showText?: boolean } = {}): EncodedErrorReply {
  // The cut may have left half a surrogate pair, which some JSON readers refuse.
  const message = error.message.slice(0, maximumErrorTextLength).toWellFormed();
  const shown = options.showText ?? true ? message.replace(/[^\x20-\x7e]/g, "?").trim() : "";
  return {
    headers: MessageHeaders.fromTrusted([
      [headerNames.serviceError, shown || error.code],
      [headerNames.serviceErrorCode, String(error.status)],
      [headerNames.error, error.code],
    ]),
    body: encodeBody({
      code: error.code,
      message,
      data: error.data,
      retryable: error.retryable,
      retryAfterMs: error.retryAfterMs,
      correlationId: error.correlationId,
    }),
  };
}

/** Tells an error reply from a result. */
export function isErrorReply(headers: MessageHeaders): boolean {
  return headers.size > 0 &&
    (headers.has(headerNames.serviceErrorCode) || headers.has(headerNames.serviceError) ||
      headers.has(headerNames.error));
}

/**
 * Reads an error reply, of this library or of any ADR-32 service, or the problem document that a gateway makes of it
 * (RFC 9457); never throws.
 */
export function decodeErrorReply(headers: MessageHeaders, body: Uint8Array): DecodedErrorReply {
  const fields = readFields(body);
  const status = Number(headers.get(headerNames.serviceErrorCode));
  const code = headers.get(headerNames.error) ?? fields["code"];
  const text = fields["message"] ?? fields["detail"] ?? headers.get(headerNames.serviceError);
  const { retryAfterMs, execution } = fields;
  return {
    code: typeof code === "string" && /^[A-Z][A-Z0-9_]{0,63}$/.test(code) ? code : undefined,
    message: typeof text === "string" && text !== ""
      ? text.slice(0, maximumErrorTextLength)
      : "The service answered with an error and no text",
    status: Number.isInteger(status) && status >= 400 && status <= 599 ? status : undefined,
    data: fields["data"],
    retryable: typeof fields["retryable"] === "boolean" ? fields["retryable"] : undefined,
    retryAfterMs: typeof retryAfterMs === "number" && retryAfterMs >= 0 && retryAfterMs <= 86_400_000
      ? retryAfterMs
      : undefined,
    execution: execution === "not-executed" || execution === "unknown" || execution === "executed"
      ? execution
      : undefined,
    correlationId: typeof fields["correlationId"] === "string" ? fields["correlationId"].slice(0, 128) : undefined,
  };
}

function readFields(body: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value = decodeBody(body);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? value as Readonly<Record<string, unknown>>
      : {};
  } catch {
    return {};
  }
}
