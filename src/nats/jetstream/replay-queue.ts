import type { Logger } from "../../logging/logger.ts";
import type { ReplayOptions, StoredMessage } from "../../transport/event-store.ts";

/** A message; that it does not follow the one before it, perhaps or for certain; or that all old ones are before it. */
type QueueEntry = StoredMessage | Promise<boolean> | "reset" | "caught up";

/** What was read and is taken one after another, each when the one before it is done. */
export class ReplayQueue {
  readonly #options: Pick<ReplayOptions, "onMessage" | "onReset" | "onCaughtUp">;
  readonly #logger: Logger;
  readonly #onTaken: () => void;
  readonly #waiting: QueueEntry[] = [];
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

  /** The same, where it turns out to be so. */
  resetIf(isSo: Promise<boolean>): void {
    this.#push(isSo);
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

  #push(next: QueueEntry): void {
    if (this.#stopped) return;
    this.#waiting.push(next);
    if (!this.#taking) void this.#takeAll();
  }

  async #takeAll(): Promise<void> {
    this.#taking = true;
    while (this.#waiting.length > 0) {
      const next = this.#waiting[0]!;
      try {
        await this.#tell(next);
      } catch (error) {
        this.#logger.error("A callback for stored messages threw", { error });
      }
      this.#waiting.shift();
      this.#onTaken();
    }
    this.#taking = false;
  }

  async #tell(next: QueueEntry): Promise<void> {
    const { onMessage, onReset, onCaughtUp } = this.#options;
    if (next === "caught up") onCaughtUp?.();
    else if (next === "reset") onReset();
    else if (!(next instanceof Promise)) await onMessage(next);
    else if (await next && !this.#stopped) onReset();
  }
}
