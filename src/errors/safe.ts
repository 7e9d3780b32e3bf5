import { isMessagingError, MessagingError } from "./messaging-error.ts";

/** A promise that says in its type how it can fail; `safe` reads it. */
export interface PromiseWithError<Value, Failure> extends Promise<Value> {
  /** Exists in types only. */
  readonly "~error"?: Failure;
}

/** How a call ended, as a value. */
export type SafeResult<Value, Failure> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: Failure };

/**
 * Turns a call's rejection into a value, typed by the contract's errors. Never rejects: what is not a
 * `MessagingError` comes back as one, `INTERNAL`, with the original as its `cause`.
 *
 * @example
 * ```ts
 * import { safe } from "@magicbutton/messaging";
 *
 * const result = await safe(Promise.resolve(42));
 * console.log(result.ok ? result.value : result.error.code);
 * ```
 */
export async function safe<Value, Failure = MessagingError>(
  call: PromiseWithError<Value, Failure>,
): Promise<SafeResult<Value, Failure>> {
  try {
    return { ok: true, value: await call };
  } catch (error) {
    const failure = isMessagingError(error) ? error : new MessagingError("INTERNAL", textOf(error), { cause: error });
    return { ok: false, error: failure as Failure };
  }
}

function textOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return "something was thrown that has no text";
  }
}
