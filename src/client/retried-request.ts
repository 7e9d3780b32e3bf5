import { isMessagingError, MessagingError } from "../errors/messaging-error.ts";
import type { AbortListeners } from "../transport/abort-listeners.ts";
import type { Clock } from "../transport/clock.ts";
import type { Deadline, DeadlineWheel } from "../transport/deadline-wheel.ts";
import { type IdentifierSource, requestIdLength } from "../transport/identifiers.ts";
import { isUnsent, type RetryPolicy } from "./retry-policy.ts";

/** An attempt with less time than this, in milliseconds, is not worth sending: timers are about as exact. */
const leastTimeMs = 5;

/** One attempt of a request; it waits for its answer until the request's deadline. */
export interface RequestAttempt {
  /** The last token of its reply subject. */
  readonly token: string;
  /** How long its service may take, in milliseconds; `undefined` for the request's own time. */
  readonly leftMs: number | undefined;
}

/** What is known of a request that is retried. */
export interface RetriedCall {
  /** Its id; the first attempt's token. */
  readonly requestId: string;
  /** How long it may take, in milliseconds. */
  readonly timeoutMs: number;
  /** When that is over, on the clock's scale. */
  readonly deadline: number;
  /** Its caller's. */
  readonly signal: AbortSignal | undefined;
  /** Aborts when the client leaves. */
  readonly leaving: AbortSignal;
}

/** What all retried requests of a client are made with. */
export interface RetriedRequestOptions<Call extends RetriedCall> {
  /** When to send again. */
  readonly policy: RetryPolicy;
  /** Time. */
  readonly clock: Clock;
  /** Notices attempts that are silent for too long. */
  readonly wheel: DeadlineWheel;
  /** Waits on signals. */
  readonly aborts: AbortListeners;
  /** Makes the tokens of further attempts. */
  readonly identifiers: IdentifierSource;
  /** Whether what is sent now leaves now. */
  readonly isConnected: () => boolean;
  /** Sends an attempt. */
  readonly send: (call: Call, attempt: RequestAttempt) => Promise<unknown>;
  /** Tells the service that nobody waits for the attempt with this token. */
  readonly cancel: (token: string) => void;
}

/**
 * An idempotent request, sent until it is answered: within its deadline, under one request id. An attempt that is silent
 * goes on waiting beside the next: whichever answers first is the answer.
 */
export class RetriedRequest<Call extends RetriedCall> implements Deadline {
  /** When the newest attempt has been silent for too long. */
  expiresAt = 0;
  readonly #options: RetriedRequestOptions<Call>;
  readonly #call: Call;
  #resolve!: (value: unknown) => void;
  #reject!: (error: unknown) => void;
  #settled = false;
  /** Attempts that wait for their answer. */
  #live = 0;
  /** Attempts that left and may have found a service. */
  #sent = 0;
  /** Attempts in a row that found nobody. */
  #unserved = 0;
  #failures = 0;
  /** Another attempt is on its way. */
  #stopPause: (() => void) | undefined;
  #isWatched = false;
  /** The newest attempt has cost what its silence costs. */
  #hasPaid = false;
  /** Of attempts that failed and may be at work all the same. */
  #lostTokens: string[] | undefined;

  /** Nothing is sent yet. */
  constructor(options: RetriedRequestOptions<Call>, call: Call) {
    this.#options = options;
    this.#call = call;
  }

  /** Sends it and gives its answer. */
  run(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#attempt(this.#call.requestId, undefined);
    });
  }

  /** The newest attempt is silent: another is sent beside it, if the budget allows. */
  expire(): void {
    const { policy, isConnected } = this.#options;
    this.#isWatched = false;
    // While the connection is away it has not left yet, and another would only wait beside it.
    const isSent = isConnected();
    const mayRepeat = isSent && (this.#hasPaid ? policy.allowsRetries : policy.silent());
    this.#hasPaid ||= isSent;
    if (mayRepeat && this.#stopPause === undefined) this.#attemptAgain();
    else this.#watch();
  }

  #attemptAgain(): void {
    const { identifiers, clock } = this.#options;
    this.#attempt(identifiers.next(requestIdLength), this.#call.deadline - clock.now());
  }

  #attempt(token: string, leftMs: number | undefined): void {
    this.#live += 1;
    this.#sent += 1;
    this.#hasPaid = false;
    this.#watch();
    this.#options.send(this.#call, { token, leftMs }).then(
      (value) => this.#answered(value),
      (error: unknown) => this.#failed(error, token),
    );
  }

  /** Looks again when the newest attempt has been silent for too long, unless it is the last. */
  #watch(): void {
    const { policy, clock, wheel } = this.#options;
    const { timeoutMs, deadline } = this.#call;
    this.#unwatch();
    this.expiresAt = clock.now() + policy.attemptTimeoutMs(timeoutMs);
    if (this.#sent >= policy.attempts || this.expiresAt + leastTimeMs > deadline) return;
    this.#isWatched = true;
    wheel.add(this);
  }

  #unwatch(): void {
    if (this.#isWatched) this.#options.wheel.remove(this);
    this.#isWatched = false;
  }

  #answered(value: unknown): void {
    this.#live -= 1;
    if (this.#settled) return;
    this.#options.policy.answered();
    this.#settle();
    this.#resolve(value);
  }

  #failed(error: unknown, token: string): void {
    this.#live -= 1;
    if (this.#settled) return;
    this.#failures += 1;
    if (!isMessagingError(error)) return this.#fail(error);
    const unserved = error.code === "NO_RESPONDERS";
    this.#unserved = unserved ? this.#unserved + 1 : 0;
    if (unserved || isUnsent(error)) this.#sent -= 1;
    // Another attempt may still be answered, or is about to be sent.
    if (error.retryable && (this.#stopPause !== undefined || this.#retry(error) || this.#live > 0)) {
      if (error.execution !== "not-executed") (this.#lostTokens ??= []).push(token);
      return;
    }
    this.#fail(error);
  }

  /** Sends it again in a while; `false` where it is not worth it. */
  #retry(error: MessagingError): boolean {
    const { policy, clock } = this.#options;
    const { deadline, leaving } = this.#call;
    if (leaving.aborted || Math.max(this.#sent, this.#unserved) >= policy.attempts) return false;
    const waitMs = policy.waitMs(error, this.#failures);
    if (waitMs === undefined || clock.now() + waitMs + leastTimeMs > deadline) return false;
    this.#pause(waitMs);
    return true;
  }

  #pause(waitMs: number): void {
    const { clock, aborts } = this.#options;
    const { signal, leaving } = this.#call;
    const go = (): void => {
      if (this.#stopPause !== stop) return;
      stop();
      this.#attemptAgain();
    };
    const signals = signal === undefined ? [leaving] : [leaving, signal];
    // A client that leaves says so before its connection is gone.
    const stops = signals.map((one) => aborts.listen(one, () => queueMicrotask(go)));
    const isNow = waitMs === 0 || signal?.aborted === true;
    const timer = isNow ? undefined : clock.after(waitMs, go);
    const stop = this.#stopPause = (): void => {
      timer?.cancel();
      for (const stopListening of stops) stopListening();
      this.#stopPause = undefined;
    };
    // Not before the other attempts have failed that were lost with the same connection.
    if (isNow) queueMicrotask(go);
  }

  #fail(error: unknown): void {
    const { cancel } = this.#options;
    const lost = this.#lostTokens ?? [];
    const attempts = this.#failures + this.#live;
    this.#settle();
    if (!isMessagingError(error) || attempts === 1) return this.#reject(error);
    if (error.code === "CANCELLED") { for (const token of lost) cancel(token); }
    // Another attempt may have been executed, or be at work.
    const isCertain = lost.length + this.#live === 0 || error.execution !== "not-executed";
    const execution = isCertain ? error.execution : "unknown";
    const { status, data, retryable, retryAfterMs, operation, correlationId, cause } = error;
    const options = { status, data, retryable, retryAfterMs, operation, execution, correlationId, cause };
    this.#reject(new MessagingError(error.code, `${error.message} (${attempts} attempts)`, options));
  }

  #settle(): void {
    this.#settled = true;
    this.#stopPause?.();
    this.#unwatch();
  }
}
