import type { Clock, Timer } from "../transport/clock.ts";

/** Notices a peer that says nothing for too long. One timer, which looks again when something was heard meanwhile. */
export class SilenceWatch {
  readonly #clock: Clock;
  readonly #onSilent: (silentMs: number) => void;
  #timer: Timer | undefined;
  #heardAt = 0;

  /** `onSilent` is called once, and the watch has ended then. */
  constructor(clock: Clock, onSilent: (silentMs: number) => void) {
    this.#clock = clock;
    this.#onSilent = onSilent;
  }

  /** Watches from now on; a watch that ran before ends. */
  start(limitMs: number): void {
    this.stop();
    this.heard();
    this.#look(limitMs);
  }

  /** Something was heard. */
  heard(): void {
    this.#heardAt = this.#clock.now();
  }

  /** Ends it. */
  stop(): void {
    this.#timer?.cancel();
  }

  #look(limitMs: number): void {
    const leftMs = this.#heardAt + limitMs - this.#clock.now();
    if (leftMs <= 0) return this.#onSilent(limitMs);
    this.#timer = this.#clock.after(leftMs, () => this.#look(limitMs));
  }
}
