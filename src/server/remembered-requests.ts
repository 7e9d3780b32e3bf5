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
 * in number, bytes and time. They are kept in two halves, and the older half goes at once: to take out one for each that
 * comes would cost as much as the request.
 */
export class RememberedRequests {
  readonly #options: RememberedRequestsOptions;
  #newer = new Map<string, RememberedRequest>();
  #older = new Map<string, RememberedRequest>();
  #newerBytes = 0;
  #rotateAt = Infinity;

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
    return this.#newer.size + this.#older.size;
  }

  /** The first arrival of this request; `undefined` where there was none, or none that is remembered. */
  find(key: string): RememberedRequest | undefined {
    const found = this.#newer.get(key) ?? this.#older.get(key);
    return found === undefined || found.until > this.#options.clock.now() ? found : undefined;
  }

  /** One begins. */
  begin(key: string, fingerprint: number): RememberedRequest {
    const request = new RememberedRequest(this, key, fingerprint);
    if (this.#options.windowMs === 0) return request;
    const { clock, maxRequests, windowMs } = this.#options;
    const now = clock.now();
    if (now >= this.#rotateAt) this.#rotate(now);
    else if (this.#newer.size >= Math.max(1, maxRequests / 2)) this.#rotate(Infinity);
    // The older half is older than a window by then.
    if (this.#newer.size === 0) this.#rotateAt = now + windowMs;
    this.#older.delete(key);
    this.#newer.set(key, request);
    return request;
  }

  /** One has ended, with an answer or with none that is worth keeping. */
  settled(request: RememberedRequest): void {
    const { key, answer } = request;
    const { windowMs, maxBytes, maxRequests, clock } = this.#options;
    const half = this.#newer.get(key) === request ? this.#newer : this.#older;
    if (half.get(key) !== request) return;
    const bytes = key.length + (answer?.body.length ?? 0);
    if (answer === undefined || bytes > maxBytes / 2 || maxRequests === 0) {
      half.delete(key);
      return;
    }
    request.until = clock.now() + windowMs;
    if (half === this.#newer) this.#newerBytes += bytes;
    if (this.#newerBytes > maxBytes / 2) this.#rotate(Infinity);
  }

  /** The newer half becomes the older; of the older those stay that run, or are to be remembered until after this time. */
  #rotate(time: number): void {
    const dropped = this.#older;
    this.#older = this.#newer;
    this.#newer = new Map();
    this.#newerBytes = 0;
    for (const [key, request] of dropped) {
      if (request.until === Infinity || request.until > time) this.#older.set(key, request);
    }
  }
}

/** One of them. */
export class RememberedRequest {
  /** Its name among them. */
  readonly key: string;
  /** What it asked: the same id with other input is another request. */
  readonly fingerprint: number;
  /** Its answer; `undefined` while it runs. */
  answer: Answer | undefined;
  /** When it is forgotten, on the clock's scale; never while it runs. */
  until: number = Infinity;
  readonly #all: RememberedRequests;
  #waiting: Set<(answer: Answer | undefined) => void> | undefined;
  #settled = false;

  /** It runs. */
  constructor(all: RememberedRequests, key: string, fingerprint: number) {
    this.#all = all;
    this.key = key;
    this.fingerprint = fingerprint;
  }

  /** How many wait for its answer. */
  get waiting(): number {
    return this.#waiting?.size ?? 0;
  }

  /** It has its answer, or none that is worth keeping; the first word counts. */
  settle(answer: Answer | undefined): void {
    if (this.#settled) return;
    this.#settled = true;
    this.answer = answer;
    this.#all.settled(this);
    for (const wake of this.#waiting ?? []) wake(answer);
  }

  /** Resolves with its answer; with `undefined` where it has to be done again, and when the signal aborts. */
  whenSettled(signal: AbortSignal): Promise<Answer | undefined> {
    if (this.#settled || signal.aborted) return Promise.resolve(this.answer);
    const waiting = this.#waiting ??= new Set();
    return new Promise((resolve) => {
      const wake = (answer: Answer | undefined): void => {
        signal.removeEventListener("abort", onAbort);
        waiting.delete(wake);
        resolve(answer);
      };
      const onAbort = (): void => wake(undefined);
      waiting.add(wake);
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }
}
