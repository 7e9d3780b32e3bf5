import type { Execution, LibraryCode } from "../errors/error-codes.ts";
import { MessagingError } from "../errors/messaging-error.ts";
import type { ResponseHeaders } from "./cors-policy.ts";

/** Why the gateway itself refused a request, as its metrics name it. */
export type RefusalReason =
  | "not-found"
  | "method"
  | "content-type"
  | "content-encoding"
  | "malformed"
  | "body-size"
  | "body-pieces"
  | "header-size"
  | "url-size"
  | "query-size"
  | "body-time"
  | "rate"
  | "concurrency"
  | "streams"
  | "stopping"
  | "unauthenticated"
  | "forbidden"
  | "deadline"
  | "left"
  | "invalid";

/** What the gateway says to a request that goes no further. */
export interface EdgeRefusalOptions {
  /** For the metrics. */
  readonly reason: RefusalReason;
  /** The HTTP status, where it is not the code's own. */
  readonly status?: number;
  /** Headers of the answer, beside those of every answer. */
  readonly headers?: ResponseHeaders;
  /** How long to wait before another attempt, in milliseconds. */
  readonly retryAfterMs?: number;
  /** Whether the work may have happened. @default "not-executed" */
  readonly execution?: Execution;
  /** Whether the same request may succeed later, where it is not as the code says. */
  readonly retryable?: boolean;
  /** The problem's type, where it is not the code's own. */
  readonly type?: string;
  /** Members that this type of problem has beside the common ones. */
  readonly members?: Readonly<Record<string, unknown>>;
}

const stoppingRetryAfterMs = 1_000;

/** A request that the gateway refuses or gives up. */
export class EdgeRefusal extends Error {
  /** What the caller is told. */
  readonly error: MessagingError;
  /** How. */
  readonly options: EdgeRefusalOptions;

  /** With the library's code and a text. */
  constructor(code: LibraryCode, text: string, options: EdgeRefusalOptions) {
    super(text);
    this.options = options;
    const { status, retryable, retryAfterMs, execution = "not-executed" } = options;
    this.error = new MessagingError(code, text, { status, retryable, retryAfterMs, execution });
  }
}

/** The gateway takes nothing more. */
export function stoppingRefusal(): EdgeRefusal {
  const options = { reason: "stopping", retryAfterMs: stoppingRetryAfterMs } as const;
  return new EdgeRefusal("DISCONNECTED", "The gateway stops", options);
}
