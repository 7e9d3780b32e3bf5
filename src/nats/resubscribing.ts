import type { Clock, Timer } from "../transport/clock.ts";
import type { SessionSupervisor } from "./session-supervisor.ts";
import type { Subscriptions } from "./subscriptions.ts";

/** How often a broker that refuses a subscription is asked again, in milliseconds. */
const intervalMs = 3_000;

/** Tells the broker of refused subscriptions again: it says nothing when it permits them. */
export class Resubscribing {
  readonly #clock: Clock;
  readonly #subscriptions: Subscriptions;
  readonly #supervisor: SessionSupervisor;
  #timer: Timer | undefined;

  /** Nothing is refused yet. */
  constructor(clock: Clock, subscriptions: Subscriptions, supervisor: SessionSupervisor) {
    this.#clock = clock;
    this.#subscriptions = subscriptions;
    this.#supervisor = supervisor;
  }

  /** Something may be refused. */
  schedule(): void {
    if (this.#timer !== undefined || !this.#subscriptions.someRefused) return;
    this.#timer = this.#clock.after(intervalMs, () => {
      this.#timer = undefined;
      const session = this.#supervisor.current;
      session?.confirm(session.synchronize());
      this.schedule();
    });
  }

  /** Asks no more. */
  stop(): void {
    this.#timer?.cancel();
  }
}
