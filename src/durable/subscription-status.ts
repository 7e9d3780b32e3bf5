import { MessagingError } from "../errors/messaging-error.ts";
import type { Logger } from "../logging/logger.ts";
import type { ReadingState } from "../transport/event-store.ts";
import type { StoredStatusListener } from "./durable-options.ts";

/** The status of a subscription that reads with several readers: the worst of theirs. */
export class SubscriptionStatus {
  readonly #event: string;
  readonly #logger: Logger;
  readonly #listeners = new Set<StoredStatusListener>();
  readonly #parts: ReadingState[];
  #status: ReadingState = "starting";

  /** `event` and the logger hear of what is degraded. */
  constructor(event: string, readers: number, logger: Logger) {
    this.#event = event;
    this.#logger = logger;
    this.#parts = new Array<ReadingState>(readers).fill("starting");
  }

  /** The status now. */
  get current(): ReadingState {
    return this.#status;
  }

  /** Hears of changes; the function that comes back ends it. */
  listen(listener: StoredStatusListener): () => void {
    const own: StoredStatusListener = (status, error) => listener(status, error);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  /** One of the readers changed. */
  change(reader: number, state: ReadingState, error?: MessagingError): void {
    this.#parts[reader] = state;
    const worst = (["ended", "degraded", "starting"] as const).find((status) => this.#parts.includes(status));
    this.#set(worst ?? "active", error);
  }

  /** The whole is over. */
  end(error?: MessagingError): void {
    this.#set("ended", error);
  }

  #set(status: ReadingState, error: MessagingError | undefined): void {
    if (status === this.#status || this.#status === "ended") return;
    const before = this.#status;
    this.#status = status;
    const fields = { event: this.#event, error };
    if (status === "degraded") this.#logger.warn("A stored subscription cannot read", fields);
    else if (status === "active" && before === "degraded") {
      this.#logger.info("A stored subscription reads again", fields);
    } else if (status === "ended" && error !== undefined) this.#logger.error("A stored subscription has ended", fields);
    for (const listener of [...this.#listeners]) {
      try {
        listener(status, error);
      } catch (thrown) {
        this.#logger.error("A status listener threw", { event: this.#event, error: thrown });
      }
    }
  }
}

/** The client has left. */
export function leftError(): MessagingError {
  return new MessagingError("DISCONNECTED", "The client was disconnected", { execution: "not-executed" });
}
