import type { Logger } from "../../logging/logger.ts";
import type { ReplayOptions, StoredMessage } from "../../transport/event-store.ts";

/** What was read and is taken one after another, each when the one before it is done. */
export class ReplayQueue {
  readonly #options: Pick<ReplayOptions, "onMessage" | "onReset" | "onCaughtUp">;
  readonly #logger: Logger;
  readonly #onTaken: () => void;
  readonly #waiting: (StoredMessage | "reset" | "caught up")[] = [];
  #hasCaughtUp = false;
  #taking = false;
  #stopped = false;

  /** Nothing waits. */
  constructor(
    options: Pick<ReplayOptions, "onMessage" | "onReset" | "onCaughtUp">,
    logger: Logger,
    onTaken: () => void,
  ) {
    this.#options = options;
    this.#logger = logger;
    this.#onTaken = onTaken;
  }

  /** How many are not done. */
  get size(): number {
    return this.#waiting.length;
  }

  /** One more. */
  add(message: StoredMessage): void {
    this.#push(message);
  }

  /** What follows does not follow what was before it. */
  reset(): void {
    this.#push("reset");
  }

  /** All that was stored when the reader began is in it, or was. */
  caughtUp(): void {
    if (this.#hasCaughtUp) return;
    this.#hasCaughtUp = true;
    this.#push("caught up");
  }

  /** None of it is taken any more. */
  stop(): void {
    this.#stopped = true;
    this.#waiting.length = 0;
  }

  #push(next: StoredMessage | "reset" | "caught up"): void {
    if (this.#stopped) return;
    this.#waiting.push(next);
    if (!this.#taking) void this.#takeAll();
  }

  async #takeAll(): Promise<void> {
    this.#taking = true;
    while (this.#waiting.length > 0) {
      const next = this.#waiting[0]!;
      try {
        if (next === "reset") this.#options.onReset();
        else if (next === "caught up") this.#options.onCaughtUp?.();
        else await this.#options.onMessage(next);
      } catch (error) {
        this.#logger.error("A callback for stored messages threw", { error });
      }
      this.#waiting.shift();
      this.#onTaken();
    }
    this.#taking = false;
  }
}
