import type { RateLimit } from "./gateway-limits.ts";

interface Window {
  startedAt: number;
  used: number;
}

/** What is left to one caller after a request. */
export interface RateState {
  /** Whether this request was still inside the limit. */
  readonly allowed: boolean;
  /** How many requests are left. */
  readonly remaining: number;
  /** When the window ends, in milliseconds from now. */
  readonly resetMs: number;
}

/**
 * Counts requests by caller in windows that begin with a caller's first request. It forgets the caller not seen for
 * longest when there are too many: one who tries to be forgotten has to be quiet for it.
 */
export class RateTable {
  /** The policy's name, in `RateLimit` headers and problems. */
  readonly name: string;
  /** The policy as the `RateLimit-Policy` header has it. */
  readonly policy: string;
  readonly #limit: RateLimit;
  readonly #size: number;
  readonly #windows = new Map<string, Window>();

  /** Nobody has asked yet. */
  constructor(name: string, limit: RateLimit, size: number) {
    this.name = name;
    this.#limit = limit;
    this.#size = size;
    this.policy = `"${name}";q=${limit.requests};w=${Math.ceil(limit.windowMs / 1_000)}`;
  }

  /** How many callers it knows. */
  get size(): number {
    return this.#windows.size;
  }

  /** Counts one request. */
  count(caller: string, now: number): RateState {
    const { requests, windowMs } = this.#limit;
    const known = this.#windows.get(caller);
    const window = known !== undefined && now - known.startedAt < windowMs ? known : { startedAt: now, used: 0 };
    if (known !== undefined) this.#windows.delete(caller);
    this.#windows.set(caller, window);
    if (this.#windows.size > this.#size) this.#forgetOldest();
    const allowed = window.used < requests;
    if (allowed) window.used += 1;
    return { allowed, remaining: requests - window.used, resetMs: window.startedAt + windowMs - now };
  }

  /** What the `RateLimit` header says of this policy. */
  header({ remaining, resetMs }: RateState): string {
    return `"${this.name}";r=${remaining};t=${Math.ceil(resetMs / 1_000)}`;
  }

  #forgetOldest(): void {
    const [oldest] = this.#windows.keys();
    this.#windows.delete(oldest!);
  }
}
