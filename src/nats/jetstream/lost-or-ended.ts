import { MessagingError } from "../../errors/messaging-error.ts";
import { raceAbort } from "../../transport/race-abort.ts";

/** Resolves with why a reader lost what it read, or with `CANCELLED` when it is ended from this side before. */
export function lostOrEnded(lost: Promise<MessagingError>, signal: AbortSignal): Promise<MessagingError> {
  return raceAbort(lost, signal, () => new MessagingError("CANCELLED", "The reader was ended"))
    .catch((error: MessagingError) => error);
}
