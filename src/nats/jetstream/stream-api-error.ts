import type { LibraryCode } from "../../errors/error-codes.ts";
import { MessagingError } from "../../errors/messaging-error.ts";

/** An error as the broker's streams tell it (ADR-7). */
export interface StreamApiError {
  /** Like an HTTP status. */
  readonly code?: unknown;
  /** What a program decides by. */
  readonly err_code?: unknown;
  /** For people. */
  readonly description?: unknown;
}

/** The broker's error codes that something is decided by; its own list is `server/errors.json`. */
export const streamErrorCodes = {
  consumerNotFound: 10014,
  consumerNameInUse: 10013,
  noMessageFound: 10037,
  sequenceNotFound: 10043,
  deleteFailed: 10057,
  streamNameInUse: 10058,
  streamNotFound: 10059,
  otherStream: 10060,
  subjectsOverlap: 10065,
  storeFailed: 10077,
  consumerExists: 10148,
  messageInProcess: 10158,
} as const;

/** What passes by itself: the cluster is between two leaders, or has the message of an earlier attempt in its hands. */
const passing: ReadonlySet<number> = new Set([10008, 10118, 10119, streamErrorCodes.messageInProcess, 10194, 10195]);

const maximumTextLength = 256;

const codes: Readonly<Record<number, LibraryCode>> = {
  // Limits of the account or the server: no call succeeds before something is freed.
  10002: "BUSY",
  10023: "BUSY",
  10026: "BUSY",
  10027: "BUSY",
  10028: "BUSY",
  10047: "BUSY",
  10077: "BUSY",
  10054: "PAYLOAD_TOO_LARGE",
  10097: "PAYLOAD_TOO_LARGE",
  10014: "NO_RESPONDERS",
  10059: "NO_RESPONDERS",
  10060: "INTERNAL",
  10039: "UNSUPPORTED",
  10076: "UNSUPPORTED",
  10074: "UNSUPPORTED",
  10109: "UNSUPPORTED",
  10113: "UNSUPPORTED",
  10120: "UNSUPPORTED",
  10122: "UNSUPPORTED",
};

/** Makes of a broker's error what it means here; `what` begins the text, such as `Cannot store "orderMoved"`. */
export function fromStreamApiError(error: StreamApiError, what: string, operation: string): MessagingError {
  const number = Number(error.err_code);
  const text = String(error.description ?? "an error without a text").slice(0, maximumTextLength);
  const code = codes[number] ?? (passing.has(number) || Number(error.code) === 503 ? "BUSY" : "INTERNAL");
  return new MessagingError(code, `${what}: ${text}`, {
    operation,
    execution: number === streamErrorCodes.messageInProcess ? "unknown" : "not-executed",
    data: { streamErrorCode: number },
  });
}

/** The broker's own code of an error that {@linkcode fromStreamApiError} made. */
export function streamErrorCode(error: unknown): number | undefined {
  const { data } = error as { data?: { streamErrorCode?: unknown } };
  return typeof data?.streamErrorCode === "number" ? data.streamErrorCode : undefined;
}

/** Whether the same call may succeed in a moment, without anybody's doing. */
export function passesByItself(error: unknown): boolean {
  const number = streamErrorCode(error);
  return number !== undefined && passing.has(number);
}
