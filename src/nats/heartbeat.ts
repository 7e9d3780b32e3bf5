import type { Clock, Timer } from "../transport/clock.ts";

/** What a heartbeat is made of. */
export interface HeartbeatOptions {
  /** Time. */
  readonly clock: Clock;
  /** How often the broker is asked whether it lives, in milliseconds. */
  readonly intervalMs: number;
  /** For how many such intervals it may say nothing. */
  readonly maxSilent: number;
  /** Asks. */
  readonly ask: () => void;
  /** It said nothing for too long. */
  readonly onSilent: (silentMs: number) => void;
}

/** Notices a broker that no longer answers although the socket is open. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #timer: Timer | undefined;
  #heardAt: number;

  /** Beats from now on. */
  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#heardAt = options.clock.now();
    this.#beat(options.intervalMs);
  }

  /** Any byte is a sign of life. */
  heard(): void {
    this.#heardAt = this.#options.clock.now();
  }

  /** Stops. */
  stop(): void {
    this.#timer?.cancel();
  }

  #beat(delayMs: number): void {
    const { clock, intervalMs, maxSilent, ask, onSilent } = this.#options;
    const limitMs = maxSilent * intervalMs;
    const dueAt = clock.now() + delayMs;
    this.#timer = clock.after(delayMs, () => {
      const now = clock.now();
      const silentMs = now - this.#heardAt;
      // A timer that is late itself says that this process stood still: what the broker sent meanwhile is not read yet.
      const isLate = now - dueAt > intervalMs / 2;
      if (silentMs >= limitMs && !isLate) return onSilent(Math.round(silentMs));
      ask();
      this.#beat(silentMs >= limitMs ? intervalMs : Math.min(intervalMs, limitMs - silentMs));
    });
  }
}
