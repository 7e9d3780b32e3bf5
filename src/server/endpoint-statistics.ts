/** What discovery tells of one request's service, as ADR-32 counts it. */
export class EndpointStatistics {
  #requests = 0;
  #errors = 0;
  #lastError = "";
  #processingMs = 0;

  /** Counts one that ended, from its arrival to its answer. */
  count(elapsedMs: number, error: string | undefined): void {
    this.#requests += 1;
    this.#processingMs += elapsedMs;
    if (error !== undefined) this.countError(error);
  }

  /** Counts what went wrong beside the requests, or after they were counted. */
  countError(error: string): void {
    this.#errors += 1;
    this.#lastError = error;
  }

  /** The counters; times in nanoseconds, as the ADR has them. */
  snapshot(): Readonly<Record<string, number | string>> {
    return {
      num_requests: this.#requests,
      num_errors: this.#errors,
      last_error: this.#lastError,
      processing_time: Math.round(this.#processingMs * 1e6),
      average_processing_time: this.#requests === 0 ? 0 : Math.round((this.#processingMs * 1e6) / this.#requests),
    };
  }
}
