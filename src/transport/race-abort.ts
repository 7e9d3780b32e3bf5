import { MessagingError } from "../errors/messaging-error.ts";

/**
 * Waits for a step, at most until the signal aborts.
 *
 * @throws what `errorOf` makes of the signal's reason; `CANCELLED` for a step of connecting where it is not given
 */
export function raceAbort<Value>(
  promise: Promise<Value>,
  signal: AbortSignal | undefined,
  errorOf: (reason: unknown) => unknown = cancelledConnecting,
): Promise<Value> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(errorOf(signal.reason));
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

/** The error for a connect or start that its caller gave up. */
export function cancelledConnecting(cause: unknown): MessagingError {
  return new MessagingError("CANCELLED", "Connecting was cancelled by its caller", {
    execution: "not-executed",
    cause,
  });
}
