import type { Clock, Timer } from "../../src/transport/clock.ts";

interface WaitingTimer {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that stands still until it is told to go on. */
export class FakeClock implements Clock {
  /** The longest delay any timer was asked for, in milliseconds. */
  longestDelayMs = 0;
  /** How often a timer was asked for. */
  timersMade = 0;
  readonly #timers = new Set<WaitingTimer>();
  #now: number;

  /** `now` is where its time begins. */
  constructor(now = 1_000) {
    this.#now = now;
  }

  /** How many timers wait: each would keep a process alive. */
  get timersWaiting(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now;
  }

  date(): number {
    return 1_700_000_000_000 + this.#now;
  }

  after(delayMs: number, callback: () => void): Timer {
    this.timersMade += 1;
    this.longestDelayMs = Math.max(this.longestDelayMs, delayMs);
    const timer: WaitingTimer = { at: this.#now + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }

  randomBytes(bytes: Uint8Array<ArrayBuffer>): void {
    crypto.getRandomValues(bytes);
  }

  /** Lets time pass: every timer that is due fires at its own time, in order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.at <= end).sort((one, other) => one.at - other.at)[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.callback();
    }
    this.#now = end;
  }

  /** Lets time pass while the process stands still: every timer that is due fires at the end, late. */
  skip(ms: number): void {
    this.#now += ms;
    const due = [...this.#timers].filter((timer) => timer.at <= this.#now).sort((one, other) => one.at - other.at);
    for (const timer of due) if (this.#timers.delete(timer)) timer.callback();
  }

  /** Fires the timer that is due next before its time, as Node's timers may by a part of a millisecond. */
  fireEarly(byMs: number): void {
    const [due] = [...this.#timers].sort((one, other) => one.at - other.at);
    if (due === undefined) throw new Error("No timer waits");
    this.#timers.delete(due);
    this.#now = due.at - byMs;
    due.callback();
  }
}
