import type { Clock, Timer } from "./clock.ts";

/** Something that ends at a point in time. */
export interface Deadline {
  /** On the clock's scale, in milliseconds. */
  readonly expiresAt: number;
  /** Called once when the deadline has passed, unless it was taken out before. */
  expire(): void;
  /** Its neighbour in the wheel, which alone changes it. */
  "~next"?: Deadline | undefined;
  /** Its other neighbour. */
  "~previous"?: Deadline | undefined;
}

/** How late a deadline may fire. */
const tickMs = 10;

/**
 * Many deadlines on one timer: entries wait in buckets of 10 ms, and one timer runs for the nearest bucket while there
 * is any. A timer for each request costs more than the request. A bucket is a ring that its entries hold together
 * themselves, so that one that comes and goes takes no memory besides its own.
 */
export class DeadlineWheel {
  readonly #clock: Clock;
  readonly #buckets = new Map<number, Bucket>();
  #timer: Timer | undefined;
  #timerTick = Infinity;

  /** A wheel on this clock. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Puts an entry in; one that is in already stays once. An entry is in one wheel at most. */
  add(entry: Deadline): void {
    if (entry["~next"] !== undefined) this.remove(entry);
    const tick = Math.ceil(entry.expiresAt / tickMs);
    let bucket = this.#buckets.get(tick);
    if (bucket === undefined) this.#buckets.set(tick, bucket = new Bucket(tick));
    bucket.add(entry);
    if (tick < this.#timerTick) this.#schedule(tick);
  }

  /** Takes an entry out; harmless when it is not in. */
  remove(entry: Deadline): void {
    const bucket = takeOut(entry);
    if (bucket === undefined || this.#buckets.get(bucket.tick) !== bucket) return;
    this.#buckets.delete(bucket.tick);
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
    const due = [...this.#buckets.values()].filter(({ tick }) => tick <= now);
    for (const { tick } of due) this.#buckets.delete(tick);
    for (const bucket of due) {
      // An entry that expires may take out others, or put new ones into the wheel, but not into this bucket.
      for (let entry = bucket["~next"]; entry !== bucket; entry = bucket["~next"]) {
        takeOut(entry);
        entry.expire();
      }
    }
    let nearest = Infinity;
    for (const tick of this.#buckets.keys()) nearest = Math.min(nearest, tick);
    if (nearest < this.#timerTick) this.#schedule(nearest);
  }
}

/** The entries of one tick, in a ring that begins and ends with the bucket itself. */
class Bucket implements Deadline {
  readonly tick: number;
  "~next": Deadline = this;
  "~previous": Deadline = this;

  constructor(tick: number) {
    this.tick = tick;
  }

  get expiresAt(): number {
    return this.tick * tickMs;
  }

  expire(): void {}

  add(entry: Deadline): void {
    const last = this["~previous"];
    entry["~previous"] = last;
    entry["~next"] = this;
    last["~next"] = this["~previous"] = entry;
  }
}

/** Takes an entry out of its ring; gives the bucket where nothing else is left in it. */
function takeOut(entry: Deadline): Bucket | undefined {
  const { "~next": next, "~previous": previous } = entry;
  if (next === undefined || previous === undefined) return undefined;
  previous["~next"] = next;
  next["~previous"] = previous;
  entry["~next"] = entry["~previous"] = undefined;
  // Both neighbours are one only where that is the bucket.
  return next === previous ? next as Bucket : undefined;
}
