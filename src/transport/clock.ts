/** A timer that can be taken back. It never throws. */
export interface Timer {
  /** Takes the timer back; harmless when it has fired. */
  cancel(): void;
}

/** The one seam through which time, timers and randomness come in. Its methods must not throw. */
export interface Clock {
  /** Milliseconds that only go forward; not a time of day. */
  now(): number;
  /** Milliseconds since 1970: for people and other processes, never for measuring. */
  date(): number;
  /** Calls back once, after so many milliseconds. */
  after(delayMs: number, callback: () => void): Timer;
  /** Fills bytes from a cryptographically secure source. */
  randomBytes(bytes: Uint8Array<ArrayBuffer>): void;
}

const longestTimerMs = 2 ** 31 - 1;

/** The runtime's own time and randomness. */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  after: (delayMs, callback) => {
    // A longer delay would fire at once. Whoever waits longer looks at the clock again.
    const handle = setTimeout(callback, Math.min(delayMs, longestTimerMs));
    return { cancel: () => clearTimeout(handle) };
  },
  randomBytes: (bytes) => {
    crypto.getRandomValues(bytes);
  },
};
