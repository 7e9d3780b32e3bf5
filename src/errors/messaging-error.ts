import { type Execution, isLibraryCode, libraryCodes } from "./error-codes.ts";

/** Shared by every copy of this library in a process, so that `isMessagingError` works across bundles. */
const brand = Symbol.for("@magicbutton/messaging/error");

/** What a contract's own error means where the contract does not say. */
const contractErrorMeaning = { status: 422, execution: "executed", retryable: false } as const;

/**
 * What a `MessagingError` carries beside its code and message.
 *
 * @example
 * ```ts
 * import type { MessagingErrorOptions } from "@magicbutton/messaging";
 *
 * const options: MessagingErrorOptions = { data: { sku: "A1" }, retryable: true, retryAfterMs: 500 };
 * ```
 */
export interface MessagingErrorOptions<Data = unknown> {
  /** Typed by the contract for its own codes; a library error's details otherwise. */
  readonly data?: Data;
  /** The HTTP-like status. @default the code's own; 422 for a contract's code */
  readonly status?: number | undefined;
  /** Whether the same call may succeed later. @default the code's own */
  readonly retryable?: boolean | undefined;
  /** How long to wait before another attempt, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** The request or event of the contract. */
  readonly operation?: string | undefined;
  /** Whether the work may have happened. @default the code's own */
  readonly execution?: Execution | undefined;
  /** Finds the failure in the server's log. */
  readonly correlationId?: string | undefined;
  /** What went wrong underneath; it never travels. */
  readonly cause?: unknown;
}

/**
 * The one error class of the library: every rejection and every typed error of a contract.
 *
 * @example
 * ```ts
 * import { isMessagingError, MessagingError } from "@magicbutton/messaging";
 *
 * const error = new MessagingError("OUT_OF_STOCK", "Not enough stock", { data: { sku: "A1" } });
 * if (isMessagingError(error, "OUT_OF_STOCK")) console.log(error.data);
 * ```
 */
export class MessagingError<Code extends string = string, Data = unknown> extends Error {
  /** Always `"MessagingError"`. */
  override readonly name: "MessagingError" = "MessagingError" as const;
  /** A library code, or a code of the contract: what a program decides by. */
  readonly code: Code;
  /** The HTTP-like status. */
  readonly status: number;
  /** The error's data, typed by the contract for its own codes. */
  readonly data: Data;
  /** Whether the same call may succeed later without a change. */
  readonly retryable: boolean;
  /** How long to wait before another attempt, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** The request or event of the contract. */
  readonly operation: string | undefined;
  /** Whether the work may have happened. */
  readonly execution: Execution;
  /** Finds the failure in the server's log. */
  readonly correlationId: string | undefined;

  /** Makes an error; what the options leave out follows from the code. Never throws. */
  constructor(code: Code, message: string, options: MessagingErrorOptions<Data> = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    const meaning = isLibraryCode(code) ? libraryCodes[code] : contractErrorMeaning;
    this.code = code;
    this.status = options.status ?? meaning.status;
    this.data = options.data as Data;
    this.retryable = options.retryable ?? meaning.retryable;
    this.retryAfterMs = options.retryAfterMs;
    this.operation = options.operation;
    this.execution = options.execution ?? meaning.execution;
    this.correlationId = options.correlationId;
  }

  /** What may be logged or sent: never the stack or the cause. Never throws. */
  toJSON(): Record<string, unknown> {
    return {
      name: this.name,
      code: this.code,
      status: this.status,
      message: this.message,
      data: this.data,
      retryable: this.retryable,
      retryAfterMs: this.retryAfterMs,
      operation: this.operation,
      execution: this.execution,
      correlationId: this.correlationId,
    };
  }

  static {
    Object.defineProperty(this.prototype, brand, { value: true });
  }
}

/**
 * Tells whether a caught value is a `MessagingError`, with this code if one is given. Works across bundles and
 * copies. Never throws.
 *
 * @example
 * ```ts
 * import { isMessagingError } from "@magicbutton/messaging";
 *
 * const caught: unknown = new Error("something else");
 * if (isMessagingError(caught, "TIMEOUT")) console.log(caught.execution);
 * ```
 */
export function isMessagingError<Code extends string = string>(
  value: unknown,
  code?: Code,
): value is MessagingError<Code> {
  return typeof value === "object" && value !== null && (value as Record<symbol, unknown>)[brand] === true &&
    (code === undefined || (value as MessagingError).code === code);
}
