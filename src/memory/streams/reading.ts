import { MessagingError } from "../../errors/messaging-error.ts";
import type { Logger } from "../../logging/logger.ts";
import type { ReadingState } from "../../transport/event-store.ts";
import { withResolvers } from "../../transport/with-resolvers.ts";

/** How somebody's reading stands: tells each change once, and settles whether it ever began. */
export class Reading {
  readonly #begun = withResolvers<void>();
  readonly #onState: (state: ReadingState, error?: MessagingError) => void;
  readonly #logger: Logger;
  #state: ReadingState = "starting";

  /** Nothing is read yet. */
  constructor(onState: (state: ReadingState, error?: MessagingError) => void, logger: Logger) {
    this.#onState = onState;
    this.#logger = logger;
  }

  /** How it stands. */
  get state(): ReadingState {
    return this.#state;
  }

  /** Resolves when it has begun. */
  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  /** Changes it; nothing comes after the end. */
  set(state: ReadingState, error?: MessagingError): void {
    if (state === this.#state || this.#state === "ended") return;
    this.#state = state;
    if (state === "active") this.#begun.resolve();
    if (state === "ended") {
      this.#begun.reject(error ?? new MessagingError("CANCELLED", "Reading was stopped before it began"));
    }
    this.attempt("A listener for the state of reading threw", () => this.#onState(state, error));
  }

  /** Runs a callback of somebody else's; what it throws goes to the log. */
  attempt(failure: string, callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.#logger.error(failure, { error });
    }
  }
}
