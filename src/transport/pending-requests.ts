import { MessagingError } from "../errors/messaging-error.ts";
import { AbortListeners } from "./abort-listeners.ts";
import type { Clock } from "./clock.ts";
import { type Deadline, DeadlineWheel } from "./deadline-wheel.ts";
import {
  cancelledRequest,
  ManyAnswersEntry,
  type PendingEntry,
  type PendingRequest,
  SingleAnswerEntry,
} from "./pending-entry.ts";
import type { TransportMessage, TransportRequestManyOptions, TransportRequestOptions } from "./transport.ts";

/** Sends a request, and gives whether it is out. */
export type SendPending = (pending: PendingRequest) => boolean;

/** The table of requests that wait, one deadline wheel for all; an entry leaves as soon as it settles. */
export class PendingRequests {
  readonly #clock: Clock;
  readonly #wheel: DeadlineWheel;
  readonly #entries = new Map<string, PendingEntry>();
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

  /** Waits for the answer to a request; `send` sends it. */
  wait<Answer = TransportMessage>(
    owner: object,
    subject: string,
    options: TransportRequestOptions<Answer>,
    send: SendPending,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#refuse(options);
      const parts = { table: this, owner, subject, options, expiresAt: this.#expiryOf(options), reject };
      this.#start(new SingleAnswerEntry(parts, resolve), options, send);
    });
  }

  /** Collects the answers to a request until its time is over or it has as many as it wants; `send` sends it. */
  collect(
    owner: object,
    subject: string,
    options: TransportRequestManyOptions,
    send: SendPending,
  ): Promise<TransportMessage[]> {
    return new Promise((resolve, reject) => {
      this.#refuse(options);
      const parts = { table: this, owner, subject, options, expiresAt: this.#expiryOf(options), reject };
      this.#start(new ManyAnswersEntry(parts, resolve), options, send);
    });
  }

  /** Gives an answer to whoever waits for it; `false`, and counted, where nobody does. */
  settle(requestId: string, message: TransportMessage): boolean {
    const entry = this.#entries.get(requestId);
    if (entry === undefined) {
      this.#unmatched += 1;
      return false;
    }
    entry.take(message);
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
      if (entry.sent) entry.lose(reason);
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

  #expiryOf(options: TransportRequestManyOptions): number {
    return this.#clock.now() + options.timeoutMs;
  }

  #refuse({ signal, operation, requestId }: TransportRequestManyOptions): void {
    if (signal?.aborted) throw cancelledRequest(operation, signal.reason);
    if (this.#entries.has(requestId)) {
      throw new MessagingError(
        "INVALID_REQUEST",
        `Cannot send request "${operation}": its id waits for an answer already`,
        { operation, execution: "not-executed" },
      );
    }
  }

  #start(entry: PendingEntry, { requestId, signal }: TransportRequestManyOptions, send: SendPending): void {
    this.#entries.set(requestId, entry);
    this.#wheel.add(entry);
    if (signal !== undefined) entry.listen(this.#aborts, signal);
    try {
      entry.sent = send(entry);
    } catch (error) {
      entry.reject(error as MessagingError);
    }
  }
}
