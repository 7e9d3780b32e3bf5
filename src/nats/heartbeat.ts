import type { Clock, Timer } from "../transport/clock.ts";

/** What a heartbeat is made of. */
export interface HeartbeatOptions {
  /** Time. */
  readonly clock: Clock;
  /** How often the broker is asked whether it lives, in milliseconds. */
  readonly intervalMs: number;
  /** How many times in a row it may say nothing. */
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
  #heard = true;
  #silent = 0;

  /** Beats from now on. */
  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#beat();
  }

  /** Any byte is a sign of life. */
  heard(): void {
    this.#heard = true;
  }

  /** Stops. */
  stop(): void {
    this.#timer?.cancel();
  }

  #beat(): void {
    const { clock, intervalMs, maxSilent, ask, onSilent } = this.#options;
    this.#timer = clock.after(intervalMs, () => {
      this.#silent = this.#heard ? 0 : this.#silent + 1;
      if (this.#silent > maxSilent) return onSilent(this.#silent * intervalMs);
      this.#heard = false;
      ask();
      this.#beat();
    });
  }
}
