import type { MessagingError } from "../../errors/messaging-error.ts";
import type { StreamReader } from "../../transport/event-store.ts";

/** A reader that can be ended from below. */
export interface EndableReader extends StreamReader {
  /** Ends it, with why. */
  end(error?: MessagingError): Promise<void>;
}

/** Who keeps readers, and ends them with the connection. */
export interface ReaderKeeper {
  /** Aborts when the connection is left. */
  readonly closing: AbortSignal;
  /** Whether readers take the consumers away that they made, until the broker has refused one that. */
  takesAway: boolean;
  /** A reader has ended. */
  onEnd(reader: EndableReader): void;
}
