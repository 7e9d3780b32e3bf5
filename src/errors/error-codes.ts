/** Whether the work behind a failed call may have happened. */
export type Execution = "not-executed" | "unknown" | "executed";

/** What a library code means to a caller. */
export interface CodeMeaning {
  /** The HTTP-like status that `Nats-Service-Error-Code` and the gateway carry. */
  readonly status: number;
  /** Whether the work may have happened. */
  readonly execution: Execution;
  /** Whether the same call may succeed later without a change. */
  readonly retryable: boolean;
}

/** The codes the library itself uses; a contract's own codes join them. */
export type LibraryCode =
  | "INVALID_REQUEST"
  | "MALFORMED_MESSAGE"
  | "UNAUTHENTICATED"
  | "FORBIDDEN"
  | "PAYLOAD_TOO_LARGE"
  | "DECRYPTION_FAILED"
  | "UNSUPPORTED"
  | "INVALID_EVENT"
  | "BUSY"
  | "NO_RESPONDERS"
  | "DISCONNECTED"
  | "TIMEOUT"
  | "CANCELLED"
  | "INVALID_RESPONSE"
  | "INTERNAL";

/** Status, execution and retryability of every library code. */
export const libraryCodes: Readonly<Record<LibraryCode, CodeMeaning>> = {
  INVALID_REQUEST: { status: 400, execution: "not-executed", retryable: false },
  MALFORMED_MESSAGE: { status: 400, execution: "not-executed", retryable: false },
  UNAUTHENTICATED: { status: 401, execution: "not-executed", retryable: false },
  FORBIDDEN: { status: 403, execution: "not-executed", retryable: false },
  PAYLOAD_TOO_LARGE: { status: 413, execution: "not-executed", retryable: false },
  DECRYPTION_FAILED: { status: 400, execution: "not-executed", retryable: false },
  UNSUPPORTED: { status: 501, execution: "not-executed", retryable: false },
  INVALID_EVENT: { status: 400, execution: "not-executed", retryable: false },
  BUSY: { status: 503, execution: "not-executed", retryable: true },
  NO_RESPONDERS: { status: 503, execution: "not-executed", retryable: true },
  DISCONNECTED: { status: 503, execution: "unknown", retryable: true },
  TIMEOUT: { status: 504, execution: "unknown", retryable: true },
  CANCELLED: { status: 499, execution: "unknown", retryable: false },
  INVALID_RESPONSE: { status: 502, execution: "executed", retryable: false },
  INTERNAL: { status: 500, execution: "unknown", retryable: false },
};

/**
 * Tells a library code from a contract's own. Never throws.
 *
 * @example
 * ```ts
 * import { isLibraryCode } from "@magicbutton/messaging";
 *
 * console.log(isLibraryCode("TIMEOUT"), isLibraryCode("OUT_OF_STOCK")); // true false
 * ```
 */
export function isLibraryCode(code: string): code is LibraryCode {
  return Object.hasOwn(libraryCodes, code);
}
