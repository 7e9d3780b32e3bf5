import { MessagingError } from "../errors/messaging-error.ts";
import type { Logger } from "../logging/logger.ts";
import { attempt } from "./attempt.ts";
import type { ReadingState } from "./event-store.ts";
import { type PromiseEnds, withResolvers } from "./with-resolvers.ts";

/** How a reader of stored messages stands: each change is told once, nothing behind the end. */
export class ReadingStatus {
  readonly #onState: (state: ReadingState, error?: MessagingError) => void;
  readonly #logger: Logger;
  readonly #onEnd: (() => void) | undefined;
  readonly #ready: PromiseEnds<void> = withResolvers();
  #state: ReadingState = "starting";
  #hasRead = false;

  /** It is starting; `onEnd` hears once that it has ended. What `onState` throws goes to the log. */
  constructor(
    onState: (state: ReadingState, error?: MessagingError) => void,
    logger: Logger,
    onEnd?: () => void,
  ) {
    this.#onEnd = onEnd;
    this.#onState = onState;
    this.#logger = logger;
  }

  /** Now. */
  get state(): ReadingState {
    return this.#state;
  }

  /** Resolves when it is active for the first time; rejects with what ended it before. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Whether it was ever active. */
  get hasRead(): boolean {
    return this.#hasRead;
  }

  /** It reads. */
  active(): void {
    this.#hasRead = true;
    this.#change("active");
    this.#ready.resolve();
  }

  /** It does not, and tries to. One that has never read is still starting. */
  degraded(error: MessagingError): void {
    this.#change("degraded", error);
  }

  /** It does not any more. */
  ended(error?: MessagingError): void {
    if (this.#state === "ended") return;
    this.#change("ended", error);
    this.#onEnd?.();
    this.#ready.reject(error ?? new MessagingError("CANCELLED", "Reading was stopped before it began"));
  }

  #change(state: ReadingState, error?: MessagingError): void {
    if (this.#state === "ended" || this.#state === state) return;
    this.#state = state;
    attempt(this.#logger, "A status listener threw", () => this.#onState(state, error));
  }
}
