import type { GapReason, TransportSubscription } from "../transport/transport.ts";
import type { BrokerPresence } from "./broker-presence.ts";

/** What a test subscription is made of. */
export interface TestSubscriptionOptions {
  readonly presence: BrokerPresence;
  /** Makes it at the broker. */
  readonly subscribe: () => TransportSubscription;
  readonly onGap: ((reason: GapReason) => void) | undefined;
  readonly onEnd: () => void;
}

/** A subscription that the broker loses and gets back. */
export class TestSubscription implements TransportSubscription {
  readonly #options: TestSubscriptionOptions;
  #inner: TransportSubscription | undefined;
  #ended = false;

  /** At the broker now, or when it is there. */
  constructor(options: TestSubscriptionOptions) {
    this.#options = options;
    if (!options.presence.isAway) this.#inner = options.subscribe();
  }

  get ready(): Promise<void> {
    return this.#inner?.ready ?? this.#options.presence.back().then(() => this.#inner?.ready);
  }

  unsubscribe(): void {
    this.#end();
    this.#inner?.unsubscribe();
    this.#inner = undefined;
  }

  async drain(): Promise<void> {
    this.#end();
    await this.#inner?.drain();
    this.#inner = undefined;
  }

  /** The broker is lost, and forgets it. */
  lose(): void {
    this.#inner?.unsubscribe();
    this.#inner = undefined;
  }

  /** The broker is back. */
  async restore(): Promise<void> {
    if (this.#ended) return;
    this.#inner ??= this.#options.subscribe();
    // What it is refused for, whoever waits for `ready` hears.
    await this.#inner.ready.catch(() => {});
  }

  /** Messages may be missing. */
  tellGap(): void {
    if (!this.#ended) this.#options.onGap?.("outage");
  }

  #end(): void {
    this.#ended = true;
    this.#options.onEnd();
  }
}
