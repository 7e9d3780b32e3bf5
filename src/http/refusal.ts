import type { LibraryCode } from "../errors/error-codes.ts";
import { MessagingError } from "../errors/messaging-error.ts";
import type { Clock } from "../transport/clock.ts";
import { problemError, problemType } from "./problem.ts";

/** What a status means where no gateway says it, but something in front of one. */
const codeOfStatus: Readonly<Record<number, LibraryCode>> = {
  400: "INVALID_REQUEST",
  401: "UNAUTHENTICATED",
  403: "FORBIDDEN",
  404: "NO_RESPONDERS",
  408: "TIMEOUT",
  413: "PAYLOAD_TOO_LARGE",
  414: "PAYLOAD_TOO_LARGE",
  415: "UNSUPPORTED",
  429: "BUSY",
  431: "PAYLOAD_TOO_LARGE",
  501: "UNSUPPORTED",
  502: "DISCONNECTED",
  503: "DISCONNECTED",
  504: "TIMEOUT",
};

/** The most bytes that are read of an answer which cannot be the wanted one. */
export const maximumRefusalBytes = 65_536;

/** Whose call was answered. */
export interface AnsweredCall {
  /** At the start of a sentence, such as `Request "createOrder"`. */
  readonly what: string;
  /** The request or event of the contract. */
  readonly operation: string | undefined;
  /** Time. */
  readonly clock: Clock;
}

/** Whether an answer's body is of this media type. */
export function hasMediaType({ headers }: Response, type: string): boolean {
  const [given = ""] = (headers.get("content-type") ?? "").split(";", 1);
  return given.trim().toLowerCase() === type;
}

/** The error that an answer is which is not the wanted one: what the gateway says, else what its status means. */
export function refusalOf(response: Response, body: Uint8Array, call: AnsweredCall): MessagingError {
  const { status } = response;
  const { what, operation } = call;
  // With `redirect: "manual"` a browser tells a redirect by its type alone.
  if (response.type === "opaqueredirect" || (status >= 300 && status < 400)) {
    const text = `${what} was answered with a redirect, which is not followed: use the url that it leads to`;
    return new MessagingError("DISCONNECTED", text, { operation, execution: "not-executed" });
  }
  const text = `${what} was answered with status ${status}, and not by a gateway`;
  if (status < 400) return new MessagingError("MALFORMED_MESSAGE", text, { operation, execution: "unknown" });
  const around = { operation, status, retryAfterMs: retryAfterMs(response, call.clock) };
  const problem = hasMediaType(response, problemType) ? problemError(body, around) : undefined;
  return problem ?? new MessagingError(codeOfStatus[status] ?? "INTERNAL", text, {
    ...around,
    execution: status < 500 ? "not-executed" : "unknown",
    ...(status === 404 ? { retryable: false } : {}),
  });
}

/** `Retry-After` is seconds or a date (RFC 9110). */
function retryAfterMs({ headers }: Response, clock: Clock): number | undefined {
  const value = headers.get("retry-after");
  if (value === null) return undefined;
  const delayMs = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - clock.date();
  return delayMs >= 0 && delayMs <= 86_400_000 ? delayMs : undefined;
}
