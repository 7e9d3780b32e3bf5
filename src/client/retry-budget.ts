/** What a retry budget is made of. */
export interface RetryBudgetOptions {
  /** How many tokens it holds at most; it starts with them. */
  readonly tokens: number;
  /** How much of a token an answer gives back. */
  readonly ratio: number;
}

/**
 * What retries may cost a service that does badly: a failure takes a token, an answer gives a part of one back, and with
 * no more than half of them left there are no retries, so that an overload is not multiplied.
 *
 * @see gRPC A6, https://github.com/grpc/proposal/blob/master/A6-client-retries.md
 */
export class RetryBudget {
  readonly #options: RetryBudgetOptions;
  #tokens: number;

  /** It is full. */
  constructor(options: RetryBudgetOptions) {
    this.#options = options;
    this.#tokens = options.tokens;
  }

  /** An answer came. */
  answered(): void {
    const { tokens, ratio } = this.#options;
    this.#tokens = Math.min(tokens, this.#tokens + ratio);
  }

  /** An attempt failed; whether another one is within the budget. */
  failed(): boolean {
    this.#tokens = Math.max(0, this.#tokens - 1);
    return this.allowsRetries;
  }

  /** Whether another attempt is within the budget now. */
  get allowsRetries(): boolean {
    return this.#tokens > this.#options.tokens / 2;
  }
}
