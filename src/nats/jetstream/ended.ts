import { MessagingError } from "../../errors/messaging-error.ts";

/** Resolves when a reader is ended from this side. */
export function ended(signal: AbortSignal): Promise<MessagingError> {
  return new Promise((resolve) => {
    const onAbort = (): void => resolve(new MessagingError("CANCELLED", "The reader was ended"));
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
}
