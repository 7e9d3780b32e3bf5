import type { Clock, Timer } from "../transport/clock.ts";

interface WaitingTimer {
  readonly at: number;
  readonly callback: () => void;
}

/**
 * A clock that stands still until it is told to go on: deadlines, delays and retries happen when a test says so, without
 * waiting. Give the same one to clients, servers and transports.
 *
 * @example
 * ```ts
 * import { FakeClock } from "@magicbutton/messaging/testing";
 *
 * const clock = new FakeClock();
 * clock.after(5_000, () => console.log("five seconds later"));
 * await clock.advance(5_000);
 * ```
 */
export class FakeClock implements Clock {
  readonly #timers = new Set<WaitingTimer>();
  readonly #startedAt: number;
  #now = 0;

  /** `date` is what time of day it begins at, in milliseconds since 1970. Never throws. */
  constructor(date = 1_767_225_600_000) {
    this.#startedAt = date;
  }

  /** How many timers wait. */
  get timersWaiting(): number {
    return this.#timers.size;
  }

  /** Milliseconds since the clock was made. Never throws. */
  now(): number {
    return this.#now;
  }

  /** Milliseconds since 1970. Never throws. */
  date(): number {
    return this.#startedAt + this.#now;
  }

  /** Calls back when the clock has been told to go on by so much. Never throws. */
  after(delayMs: number, callback: () => void): Timer {
    const timer: WaitingTimer = { at: this.#now + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }

  /** Real randomness: ids must not collide because time stands still. Never throws. */
  randomBytes(bytes: Uint8Array<ArrayBuffer>): void {
    crypto.getRandomValues(bytes);
  }

  /**
   * Lets time pass: every timer that is due fires at its own time, in order, and what each of them sets going is done before
   * the next, as far as it waits for nothing but promises.
   *
   * @throws {RangeError} for a time that is no duration
   */
  async advance(ms: number): Promise<void> {
    if (!(Number.isFinite(ms) && ms >= 0)) throw new RangeError(`Cannot advance a clock by ${String(ms)} ms`);
    await settle();
    const end = this.#now + ms;
    for (let due = this.#next(end); due !== undefined; due = this.#next(end)) {
      this.#timers.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.callback();
      await settle();
    }
    this.#now = end;
  }

  #next(end: number): WaitingTimer | undefined {
    let next: WaitingTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.at <= end && (next === undefined || timer.at < next.at)) next = timer;
    }
    return next;
  }
}

/** All promises that can go on do so before the runtime's next timer. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
