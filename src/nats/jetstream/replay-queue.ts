import type { Logger } from "../../logging/logger.ts";
import type { ReplayOptions, StoredMessage } from "../../transport/event-store.ts";

/** What was read and is taken one after another, each when the one before it is done. */
export class ReplayQueue {
  readonly #options: Pick<ReplayOptions, "onMessage" | "onReset">;
  readonly #logger: Logger;
  readonly #onTaken: () => void;
  /** `undefined` where something is missing. */
  readonly #waiting: (StoredMessage | undefined)[] = [];
  #taking = false;
  #stopped = false;

  /** Nothing waits. */
  constructor(options: Pick<ReplayOptions, "onMessage" | "onReset">, logger: Logger, onTaken: () => void) {
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
    this.#push(undefined);
  }

  /** None of it is taken any more. */
  stop(): void {
    this.#stopped = true;
    this.#waiting.length = 0;
  }

  #push(message: StoredMessage | undefined): void {
    if (this.#stopped) return;
    this.#waiting.push(message);
    if (!this.#taking) void this.#takeAll();
  }

  async #takeAll(): Promise<void> {
    this.#taking = true;
    while (this.#waiting.length > 0) {
      const message = this.#waiting[0];
      try {
        if (message === undefined) this.#options.onReset();
        else await this.#options.onMessage(message);
      } catch (error) {
        this.#logger.error("A callback for stored messages threw", { error });
      }
      this.#waiting.shift();
      this.#onTaken();
    }
    this.#taking = false;
  }
}
