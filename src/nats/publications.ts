import { MessagingError } from "../errors/messaging-error.ts";
import type { Clock } from "../transport/clock.ts";
import { type Deadline, DeadlineWheel } from "../transport/deadline-wheel.ts";
import type { Confirmable } from "./confirmations.ts";

/** The messages whose publishers wait until the broker has them. */
export class Publications {
  readonly #clock: Clock;
  readonly #wheel: DeadlineWheel;
  readonly #waiting = new Set<Publication>();

  /** On this clock. */
  constructor(clock: Clock) {
    this.#clock = clock;
    this.#wheel = new DeadlineWheel(clock);
  }

  /** One begins to wait. */
  begin(subject: string, operation: string, timeoutMs: number): Publication {
    const publication = new Publication(this, subject, operation, this.#clock.now() + timeoutMs);
    this.#waiting.add(publication);
    this.#wheel.add(publication);
    return publication;
  }

  /** One has ended. */
  remove(publication: Publication): void {
    this.#waiting.delete(publication);
    this.#wheel.remove(publication);
  }

  /** The newest one to this subject that is sent: those before it may have been let through. */
  find(subject: string): Publication | undefined {
    let found: Publication | undefined;
    for (const publication of this.#waiting) {
      if (publication.sent && publication.subject === subject) found = publication;
    }
    return found;
  }

  /** The session they were sent by is lost. */
  rejectSent(error: MessagingError): void {
    for (const publication of [...this.#waiting]) {
      if (publication.sent) publication.reject(error);
    }
  }

  /** There will be no further session. */
  rejectAll(error: MessagingError): void {
    for (const publication of [...this.#waiting]) publication.reject(error);
  }
}

/**
 * A message that the broker has not confirmed yet. It is what its publisher waits for, the deadline and the one who hears
 * of the confirmation, all in one: an event makes this, its promise, and nothing more.
 */
export class Publication implements Deadline, Confirmable {
  /** Resolves when the broker has it. */
  readonly promise: Promise<void>;
  /** Where it goes. */
  readonly subject: string;
  /** When its publisher has waited long enough. */
  readonly expiresAt: number;
  /** Whether it went out. */
  sent = false;
  /** Whether its promise is settled. */
  settled = false;
  "~next": Deadline | undefined = undefined;
  "~previous": Deadline | undefined = undefined;
  readonly #table: Publications;
  readonly #operation: string;
  #resolve!: () => void;
  #reject!: (error: MessagingError) => void;

  /** It waits in this table. */
  constructor(table: Publications, subject: string, operation: string, expiresAt: number) {
    this.#table = table;
    this.subject = subject;
    this.#operation = operation;
    this.expiresAt = expiresAt;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** The broker has it. */
  confirmed(): void {
    if (this.#end()) this.#resolve();
  }

  /** Ends it with an error, once. */
  reject(error: MessagingError): void {
    if (!this.#end()) return;
    const execution = this.sent && error.code !== "FORBIDDEN" && error.code !== "PAYLOAD_TOO_LARGE"
      ? "unknown"
      : "not-executed";
    this.#reject(
      new MessagingError(error.code, `Cannot publish "${this.#operation}": ${error.message}`, {
        operation: this.#operation,
        execution,
        data: error.data,
        retryAfterMs: error.retryAfterMs,
        cause: error,
      }),
    );
  }

  /** Its publisher has waited long enough. */
  expire(): void {
    const what = this.sent ? "the broker did not confirm it in time" : "it was not sent: no connection in time";
    this.reject(new MessagingError("DISCONNECTED", what));
  }

  /** Takes it out of the table; `false` where it was out already. */
  #end(): boolean {
    if (this.settled) return false;
    this.settled = true;
    this.#table.remove(this);
    return true;
  }
}
