import type { MessagingError } from "../errors/messaging-error.ts";
import type { Clock } from "../transport/clock.ts";
import type { RetryOptions } from "./client-options.ts";
import { RetryBudget } from "./retry-budget.ts";

const defaultAttempts = 5;
const maximumAttempts = 10;
/** Of a request's time an attempt has this part to itself. */
const defaultAttemptPart = 3;
const defaultTokens = 10;
const defaultRatio = 0.1;
const firstDelayMs = 50;
const longestDelayMs = 1_000;

/** When an idempotent request is sent again, and how long after a failure. */
export class RetryPolicy {
  /** How often a request is sent at most. */
  readonly attempts: number;
  readonly #attemptTimeoutMs: number | undefined;
  readonly #budget: RetryBudget;
  readonly #clock: Clock;
  readonly #dice = new Uint8Array(1);

  /** For one client. @throws {TypeError} for options that cannot work */
  constructor(options: RetryOptions, clock: Clock) {
    const { attempts = defaultAttempts, attemptTimeoutMs, budget = {} } = options;
    const { tokens = defaultTokens, ratio = defaultRatio } = budget;
    check("attempts", attempts, Number.isInteger(attempts) && attempts >= 1 && attempts <= maximumAttempts, "1 to 10");
    if (attemptTimeoutMs !== undefined) {
      check("attemptTimeoutMs", attemptTimeoutMs, attemptTimeoutMs > 0, "a number over 0");
    }
    check("budget.tokens", tokens, tokens >= 1 && tokens <= 1_000, "1 to 1000");
    check("budget.ratio", ratio, ratio >= 0 && ratio <= 1, "0 to 1");
    this.attempts = attempts;
    this.#attemptTimeoutMs = attemptTimeoutMs;
    this.#budget = new RetryBudget({ tokens, ratio });
    this.#clock = clock;
  }

  /** An attempt was answered. */
  answered(): void {
    this.#budget.answered();
  }

  /** How long an attempt may be silent before another is sent beside it, in milliseconds. */
  attemptTimeoutMs(timeoutMs: number): number {
    return this.#attemptTimeoutMs ?? timeoutMs / defaultAttemptPart;
  }

  /** An attempt is silent for too long; whether another one is within the budget. */
  silent(): boolean {
    return this.#budget.failed();
  }

  /** Whether the budget allows another attempt. */
  get allowsRetries(): boolean {
    return this.#budget.allowsRetries;
  }

  /** How long to wait after so many failures, this one the last, in milliseconds; `undefined` for no further attempt. */
  waitMs(error: MessagingError, failures: number): number | undefined {
    if (!error.retryable) return undefined;
    switch (error.code) {
      case "DISCONNECTED":
        // The next attempt itself waits for the connection, unless too much waits for it already.
        return isUnsent(error) ? this.#backOffMs(failures) : 0;
      case "NO_RESPONDERS":
        // Of these two the broker is the one that is asked again: no service has had work with them.
        return this.#backOffMs(failures);
      default:
        if (!this.#budget.failed()) return undefined;
        // Never sooner than the service asks for, and not all at once.
        return Math.max((error.retryAfterMs ?? 0) * (1 + 0.2 * this.#chance()), this.#backOffMs(failures));
    }
  }

  /** Doubled with each failure up to a second, a fifth more or less, so that callers do not come back in one moment. */
  #backOffMs(failures: number): number {
    const jitter = 0.8 + 0.4 * this.#chance();
    return jitter * Math.min(longestDelayMs, firstDelayMs * 2 ** (failures - 1));
  }

  #chance(): number {
    this.#clock.randomBytes(this.#dice);
    return this.#dice[0]! / 255;
  }
}

/** Tells an attempt that could not even wait for the connection. */
export function isUnsent(error: MessagingError): boolean {
  return error.code === "DISCONNECTED" && error.execution === "not-executed";
}

function check(name: string, value: number, holds: boolean, wanted: string): void {
  if (holds) return;
  throw new TypeError(`Cannot use \`retry.${name}\`: ${wanted} is wanted, current value is ${String(value)}`);
}
