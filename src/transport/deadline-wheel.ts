import type { Clock, Timer } from "./clock.ts";

/** Something that ends at a point in time. */
export interface Deadline {
  /** On the clock's scale, in milliseconds. */
  readonly expiresAt: number;
  /** Called once when the deadline has passed, unless it was taken out before. */
  expire(): void;
}

/** How late a deadline may fire. */
const tickMs = 10;

/**
 * Many deadlines on one timer: entries wait in buckets of 10 ms, and one timer runs for the nearest bucket while there
 * is any. A timer for each request costs more than the request.
 */
export class DeadlineWheel {
  readonly #clock: Clock;
  readonly #buckets = new Map<number, Set<Deadline>>();
  #timer: Timer | undefined;
  #timerTick = Infinity;

  /** A wheel on this clock. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Puts an entry in. */
  add(entry: Deadline): void {
    const tick = Math.ceil(entry.expiresAt / tickMs);
    let bucket = this.#buckets.get(tick);
    if (bucket === undefined) this.#buckets.set(tick, bucket = new Set());
    bucket.add(entry);
    if (tick < this.#timerTick) this.#schedule(tick);
  }

  /** Takes an entry out; harmless when it is not in. */
  remove(entry: Deadline): void {
    const tick = Math.ceil(entry.expiresAt / tickMs);
    const bucket = this.#buckets.get(tick);
    if (bucket === undefined || !bucket.delete(entry) || bucket.size > 0) return;
    this.#buckets.delete(tick);
    // A timer that stays would keep the process alive for nothing.
    if (this.#buckets.size === 0) this.#stop();
  }

  #schedule(tick: number): void {
    this.#timer?.cancel();
    this.#timerTick = tick;
    this.#timer = this.#clock.after(Math.max(0, tick * tickMs - this.#clock.now()), () => this.#fire());
  }

  #stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerTick = Infinity;
  }

  #fire(): void {
    this.#stop();
    const now = Math.floor(this.#clock.now() / tickMs);
    for (const [tick, bucket] of [...this.#buckets]) {
      if (tick > now) continue;
      // An entry that expires may take out others, or put new ones in.
      for (const entry of [...bucket]) {
        if (bucket.delete(entry)) entry.expire();
      }
      if (bucket.size === 0 && this.#buckets.get(tick) === bucket) this.#buckets.delete(tick);
    }
    let nearest = Infinity;
    for (const tick of this.#buckets.keys()) nearest = Math.min(nearest, tick);
    if (nearest < this.#timerTick) this.#schedule(nearest);
  }
}
