import type { Clock, Timer } from "../transport/clock.ts";

/** Something that time may end. */
export interface Swept {
  /** Looks at the time: `now` on the clock's scale, `date` in milliseconds since 1970. It may take itself out. */
  sweep(now: number, date: number): void;
}

/**
 * One timer for all that has a time to watch: requests under way, bodies, streams. It runs while there is any; a timer
 * for each would cost more than the request.
 */
export class Sweeper {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #entries = new Set<Swept>();
  #timer: Timer | undefined;

  /** Looks every so many milliseconds. */
  constructor(clock: Clock, everyMs: number) {
    this.#clock = clock;
    this.#everyMs = everyMs;
  }

  /** How many it watches. */
  get size(): number {
    return this.#entries.size;
  }

  /** Watches one. */
  add(entry: Swept): void {
    this.#entries.add(entry);
    this.#timer ??= this.#clock.after(this.#everyMs, () => this.#sweep());
  }

  /** Watches it no longer. The timer stays until it fires: another request is likely to come before. */
  delete(entry: Swept): void {
    this.#entries.delete(entry);
  }

  /** Takes the timer back where nothing is watched any more. */
  rest(): void {
    if (this.#entries.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #sweep(): void {
    this.#timer = undefined;
    const now = this.#clock.now();
    const date = this.#clock.date();
    for (const entry of this.#entries) entry.sweep(now, date);
    if (this.#entries.size > 0) this.#timer = this.#clock.after(this.#everyMs, () => this.#sweep());
  }
}
