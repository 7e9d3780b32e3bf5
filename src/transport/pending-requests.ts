import { MessagingError } from "../errors/messaging-error.ts";
import { AbortListeners, type StopListening } from "./abort-listeners.ts";
import type { Clock } from "./clock.ts";
import { type Deadline, DeadlineWheel } from "./deadline-wheel.ts";
import type { TransportMessage, TransportRequestOptions } from "./transport.ts";

/** A request that waits for its answer. */
export interface PendingRequest extends Deadline {
  /** Where it was sent. */
  readonly subject: string;
  /** Names it in error texts. */
  readonly operation: string;
  /** Whose request it is: a participant that leaves settles its own. */
  readonly owner: object;
  /** Whether it went out: one that did not was not executed. */
  sent: boolean;
  /** Ends it with an error, once. */
  reject(error: MessagingError): void;
}

/** The table of requests that wait, one deadline wheel for all; an entry leaves as soon as it settles. */
export class PendingRequests {
  readonly #clock: Clock;
  readonly #wheel: DeadlineWheel;
  readonly #entries = new Map<string, Entry>();
  readonly #aborts = new AbortListeners();
  #unmatched = 0;

  /** A table on this clock. */
  constructor(clock: Clock) {
    this.#clock = clock;
    this.#wheel = new DeadlineWheel(clock);
  }

  /** How many wait. */
  get size(): number {
    return this.#entries.size;
  }

  /** Answers that came for nobody: second answers, late ones, forged ones. */
  get unmatched(): number {
    return this.#unmatched;
  }

  /** Waits for the answer to a request; `send` sends it and gives whether it is out. */
  wait(
    owner: object,
    subject: string,
    options: TransportRequestOptions,
    send: (pending: PendingRequest) => boolean,
  ): Promise<TransportMessage> {
    const { signal, operation, requestId } = options;
    if (signal?.aborted) return Promise.reject(cancelled(operation, "not-executed", signal.reason));
    if (this.#entries.has(requestId)) {
      return Promise.reject(
        new MessagingError(
          "INVALID_REQUEST",
          `Cannot send request "${operation}": its id waits for an answer already`,
          { operation, execution: "not-executed" },
        ),
      );
    }
    return new Promise((resolve, reject) => {
      const expiresAt = this.#clock.now() + options.timeoutMs;
      const entry = new Entry(this, owner, subject, options, expiresAt, resolve, reject);
      this.#entries.set(requestId, entry);
      this.#wheel.add(entry);
      if (signal !== undefined) entry.listen(this.#aborts, signal);
      try {
        entry.sent = send(entry);
      } catch (error) {
        entry.reject(error as MessagingError);
      }
    });
  }

  /** Gives an answer to whoever waits for it; `false`, and counted, where nobody does. */
  settle(requestId: string, message: TransportMessage): boolean {
    const entry = this.#entries.get(requestId);
    if (entry === undefined) {
      this.#unmatched += 1;
      return false;
    }
    entry.resolve(message);
    return true;
  }

  /** The request with this id. */
  get(requestId: string): PendingRequest | undefined {
    return this.#entries.get(requestId);
  }

  /** The newest request that waits for an answer from this subject. */
  find(subject: string): PendingRequest | undefined {
    let found: PendingRequest | undefined;
    for (const entry of this.#entries.values()) {
      if (entry.subject === subject) found = entry;
    }
    return found;
  }

  /** Tells, now and later, whether all that wait now have settled. */
  watch(): () => boolean {
    const waiting = [...this.#entries];
    return () => waiting.every(([requestId, entry]) => this.#entries.get(requestId) !== entry);
  }

  /** Ends the requests of one participant, or of all. */
  rejectAll(reason: string, owner?: object): void {
    for (const entry of [...this.#entries.values()]) {
      if (owner === undefined || entry.owner === owner) entry.disconnect(reason);
    }
  }

  /** Ends those that were sent: what they were sent over is lost, and what became of them is not known. */
  rejectSent(reason: string): void {
    for (const entry of [...this.#entries.values()]) {
      if (entry.sent) entry.disconnect(reason);
    }
  }

  /** Ends all of them with an error each. */
  refuseAll(errorOf: (operation: string, sent: boolean) => MessagingError): void {
    for (const entry of [...this.#entries.values()]) entry.reject(errorOf(entry.operation, entry.sent));
  }

  /** Takes an entry out. */
  remove(requestId: string, entry: Deadline): void {
    if (this.#entries.get(requestId) === entry) this.#entries.delete(requestId);
    this.#wheel.remove(entry);
  }
}

class Entry implements PendingRequest {
  readonly subject: string;
  readonly operation: string;
  readonly owner: object;
  readonly expiresAt: number;
  sent = false;
  readonly #table: PendingRequests;
  readonly #options: TransportRequestOptions;
  readonly #resolve: (message: TransportMessage) => void;
  readonly #reject: (error: MessagingError) => void;
  #stopListening: StopListening | undefined;

  constructor(
    table: PendingRequests,
    owner: object,
    subject: string,
    options: TransportRequestOptions,
    expiresAt: number,
    resolve: (message: TransportMessage) => void,
    reject: (error: MessagingError) => void,
  ) {
    this.#table = table;
    this.owner = owner;
    this.subject = subject;
    this.operation = options.operation;
    this.#options = options;
    this.expiresAt = expiresAt;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  listen(aborts: AbortListeners, signal: AbortSignal): void {
    this.#stopListening = aborts.listen(signal, () => {
      this.reject(cancelled(this.operation, this.sent ? "unknown" : "not-executed", signal.reason));
    });
  }

  resolve(message: TransportMessage): void {
    this.#leave();
    this.#resolve(message);
  }

  reject(error: MessagingError): void {
    this.#leave();
    this.#reject(error);
  }

  expire(): void {
    const { operation } = this;
    this.reject(
      new MessagingError(
        "TIMEOUT",
        `Request "${operation}" got no answer within ${Math.round(this.#options.timeoutMs)} ms`,
        {
          operation,
          execution: this.sent ? "unknown" : "not-executed",
        },
      ),
    );
  }

  disconnect(reason: string): void {
    const { operation } = this;
    this.reject(
      new MessagingError("DISCONNECTED", `Request "${operation}" got no answer: ${reason}`, {
        operation,
        execution: this.sent ? "unknown" : "not-executed",
      }),
    );
  }

  #leave(): void {
    this.#table.remove(this.#options.requestId, this);
    this.#stopListening?.();
  }
}

function cancelled(operation: string, execution: "unknown" | "not-executed", cause: unknown): MessagingError {
  return new MessagingError("CANCELLED", `Request "${operation}" was cancelled by its caller`, {
    operation,
    execution,
    cause,
  });
}
