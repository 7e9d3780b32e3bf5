import type { Clock } from "../transport/clock.ts";
import type { Answer } from "./answer.ts";

/** What is remembered of requests. */
export interface RememberedRequestsOptions {
  /** For how long after its answer, in milliseconds; 0 for not at all. */
  readonly windowMs: number;
  /** Of how many that are answered, at most. */
  readonly maxRequests: number;
  /** How many bytes of answers, at most. */
  readonly maxBytes: number;
  /** Time. */
  readonly clock: Clock;
}

/**
 * The requests that carry an id, while they run and for a while after: the second arrival of one finds the first. Bounded
 * in number, bytes and time; the oldest goes first.
 */
export class RememberedRequests {
  readonly #options: RememberedRequestsOptions;
  readonly #running = new Map<string, RememberedRequest>();
  /** In the order of their answers. */
  readonly #answered = new Map<string, RememberedRequest>();
  #bytes = 0;

  /** Nothing is remembered yet. @throws {TypeError} for limits that are none */
  constructor(options: RememberedRequestsOptions) {
    for (const name of ["windowMs", "maxRequests", "maxBytes"] as const) {
      const value = options[name];
      if (Number.isFinite(value) && value >= 0) continue;
      throw new TypeError(
        `Cannot use \`deduplication.${name}\`: a number of at least 0 is wanted, current value is ${String(value)}`,
      );
    }
    this.#options = options;
  }

  /** How many are remembered, those that run included. */
  get size(): number {
    return this.#running.size + this.#answered.size;
  }

  /** The first arrival of this request; `undefined` where there was none, or none that is remembered. */
  find(key: string): RememberedRequest | undefined {
    this.#dropOld();
    return this.#running.get(key) ?? this.#answered.get(key);
  }

  /** One begins. */
  begin(key: string, fingerprint: number): RememberedRequest {
    const request = new RememberedRequest(fingerprint, (answer) => {
      this.#running.delete(key);
      if (answer !== undefined) this.#keep(key, request, answer);
    });
    if (this.#options.windowMs > 0) this.#running.set(key, request);
    return request;
  }

  #keep(key: string, request: RememberedRequest, answer: Answer): void {
    const { windowMs, clock } = this.#options;
    request.until = clock.now() + windowMs;
    request.bytes = key.length + answer.body.length;
    this.#bytes += request.bytes;
    this.#answered.set(key, request);
    this.#dropOld();
  }

  #dropOld(): void {
    const { maxRequests, maxBytes, clock } = this.#options;
    const now = clock.now();
    for (const [key, request] of this.#answered) {
      if (request.until > now && this.#answered.size <= maxRequests && this.#bytes <= maxBytes) return;
      this.#answered.delete(key);
      this.#bytes -= request.bytes;
    }
  }
}

/** One of them. */
export class RememberedRequest {
  /** What it asked: the same id with other input is another request. */
  readonly fingerprint: number;
  /** Its answer; `undefined` while it runs. */
  answer: Answer | undefined;
  /** When it is forgotten, on the clock's scale. */
  until: number = Infinity;
  /** What it takes of the memory. */
  bytes = 0;
  readonly #onSettled: (answer: Answer | undefined) => void;
  readonly #waiting = new Set<(answer: Answer | undefined) => void>();
  #settled = false;

  /** It runs; `onSettled` hears what came of it. */
  constructor(fingerprint: number, onSettled: (answer: Answer | undefined) => void) {
    this.fingerprint = fingerprint;
    this.#onSettled = onSettled;
  }

  /** It has its answer, or none that is worth keeping; the first word counts. */
  settle(answer: Answer | undefined): void {
    if (this.#settled) return;
    this.#settled = true;
    this.answer = answer;
    this.#onSettled(answer);
    for (const wake of this.#waiting) wake(answer);
  }

  /** Resolves with its answer; with `undefined` where it has to be done again, and when the signal aborts. */
  whenSettled(signal: AbortSignal): Promise<Answer | undefined> {
    if (this.#settled || signal.aborted) return Promise.resolve(this.answer);
    return new Promise((resolve) => {
      const wake = (answer: Answer | undefined): void => {
        signal.removeEventListener("abort", onAbort);
        this.#waiting.delete(wake);
        resolve(answer);
      };
      const onAbort = (): void => wake(undefined);
      this.#waiting.add(wake);
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }
}
