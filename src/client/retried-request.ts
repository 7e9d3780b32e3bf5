import { isMessagingError, MessagingError } from "../errors/messaging-error.ts";
import type { AbortListeners } from "../transport/abort-listeners.ts";
import type { Clock } from "../transport/clock.ts";
import { type IdentifierSource, requestIdLength } from "../transport/identifiers.ts";
import { isUnsent, type RetryPolicy } from "./retry-policy.ts";

/** An attempt with less time than this, in milliseconds, is not worth sending: timers are about as exact. */
const leastTimeMs = 5;

/** One attempt of a request. */
export interface RequestAttempt {
  /** The last token of its reply subject. */
  readonly token: string;
  /** How long its service may take, in milliseconds; `undefined` for the request's own time. */
  readonly leftMs: number | undefined;
  /** How long it waits for its answer, in milliseconds. */
  readonly timeoutMs: number;
}

/** What a retried request is made of. */
export interface RetriedRequestOptions {
  /** When to send it again. */
  readonly policy: RetryPolicy;
  /** Time. */
  readonly clock: Clock;
  /** Waits on signals for all requests of the client together. */
  readonly aborts: AbortListeners;
  /** Makes the tokens of further attempts. */
  readonly identifiers: IdentifierSource;
  /** The request's id; the first attempt's token. */
  readonly requestId: string;
  /** When it must be answered, on the clock's scale. */
  readonly deadline: number;
  /** Its caller's. */
  readonly signal: AbortSignal | undefined;
  /** Aborts when the client leaves. */
  readonly leaving: AbortSignal;
  /** Sends an attempt. */
  readonly send: (attempt: RequestAttempt) => Promise<unknown>;
  /** Tells the service that nobody waits for the attempt with this token. */
  readonly cancel: (token: string) => void;
}

/** An idempotent request, sent until it is answered: within its deadline, under one request id. */
export class RetriedRequest {
  readonly #options: RetriedRequestOptions;
  readonly #tokens: string[] = [];
  /** Attempts that left and may have found a service. */
  #sent = 0;
  /** Attempts in a row that found nobody. */
  #unserved = 0;
  /** One of them may have been executed. */
  #maybeExecuted = false;

  /** Nothing is sent yet. */
  constructor(options: RetriedRequestOptions) {
    this.#options = options;
  }

  /** Sends it and gives its answer. */
  run(): Promise<unknown> {
    const { policy, requestId } = this.#options;
    return this.#attempt(requestId, undefined).then((value) => {
      policy.answered();
      return value;
    }, (error: unknown) => this.#again(error));
  }

  async #again(firstError: unknown): Promise<unknown> {
    const { policy, identifiers, clock, deadline } = this.#options;
    let error = firstError;
    for (let failures = 1;; failures++) {
      const waitMs = this.#waitMs(error, failures);
      if (waitMs === undefined) throw this.#last(error, failures);
      if (waitMs > 0) await this.#pause(waitMs);
      try {
        const value = await this.#attempt(identifiers.next(requestIdLength), deadline - clock.now());
        policy.answered();
        return value;
      } catch (next) {
        error = next;
      }
    }
  }

  #attempt(token: string, leftMs: number | undefined): Promise<unknown> {
    const { policy, clock, deadline, send } = this.#options;
    this.#tokens.push(token);
    const untilDeadlineMs = Math.max(0, deadline - clock.now());
    // The last attempt has all the time that is left.
    const isLast = this.#sent + 1 >= policy.attempts;
    const timeoutMs = isLast ? untilDeadlineMs : Math.min(policy.attemptTimeoutMs, untilDeadlineMs);
    return send({ token, leftMs, timeoutMs });
  }

  /** How long until it is sent again; `undefined` where it is not. */
  #waitMs(error: unknown, failures: number): number | undefined {
    const { policy, clock, deadline, leaving } = this.#options;
    if (!isMessagingError(error)) return undefined;
    const unserved = error.code === "NO_RESPONDERS";
    this.#unserved = unserved ? this.#unserved + 1 : 0;
    if (!unserved && !isUnsent(error)) this.#sent += 1;
    if (error.execution !== "not-executed") this.#maybeExecuted = true;
    if (leaving.aborted || Math.max(this.#sent, this.#unserved) >= policy.attempts) return undefined;
    const waitMs = policy.waitMs(error, failures);
    return waitMs === undefined || clock.now() + waitMs + leastTimeMs > deadline ? undefined : waitMs;
  }

  #pause(waitMs: number): Promise<void> {
    const { clock, aborts, signal, leaving } = this.#options;
    const signals = signal === undefined ? [leaving] : [leaving, signal];
    if (signals.some(({ aborted }) => aborted)) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        timer.cancel();
        for (const stop of stops) stop();
        resolve();
      };
      const timer = clock.after(waitMs, done);
      const stops = signals.map((one) => aborts.listen(one, done));
    });
  }

  /** The error that its caller gets: an attempt before the last may have been executed. */
  #last(error: unknown, failures: number): unknown {
    const { cancel } = this.#options;
    if (!isMessagingError(error)) return error;
    if (error.code === "CANCELLED") { for (const token of this.#tokens.slice(0, -1)) cancel(token); }
    if (failures === 1) return error;
    const { status, data, retryable, retryAfterMs, operation, correlationId, cause } = error;
    const execution = this.#maybeExecuted && error.execution === "not-executed" ? "unknown" : error.execution;
    return new MessagingError(error.code, `${error.message} (attempt ${failures})`, {
      status,
      data,
      retryable,
      retryAfterMs,
      operation,
      execution,
      correlationId,
      cause,
    });
  }
}
