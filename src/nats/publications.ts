import { MessagingError } from "../errors/messaging-error.ts";
import type { Clock } from "../transport/clock.ts";
import { type Deadline, DeadlineWheel } from "../transport/deadline-wheel.ts";

/** A message that the broker has not confirmed yet. */
export interface Publication extends Deadline {
  /** Where it goes. */
  readonly subject: string;
  /** Whether its promise is settled. */
  readonly settled: boolean;
  /** It is sent; it settles with this confirmation. */
  confirmedBy(confirmation: Promise<void>): void;
  /** Ends it with an error, once. */
  reject(error: MessagingError): void;
}

/** The messages whose publishers wait until the broker has them. */
export class Publications {
  readonly #clock: Clock;
  readonly #wheel: DeadlineWheel;
  readonly #waiting = new Set<WaitingPublication>();

  /** On this clock. */
  constructor(clock: Clock) {
    this.#clock = clock;
    this.#wheel = new DeadlineWheel(clock);
  }

  /** Waits for one; `send` sends or keeps it. */
  wait(subject: string, operation: string, timeoutMs: number, send: (publication: Publication) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: MessagingError): void => {
        this.#waiting.delete(publication);
        this.#wheel.remove(publication);
        if (error === undefined) resolve();
        else reject(error);
      };
      const publication = new WaitingPublication(subject, operation, this.#clock.now() + timeoutMs, settle);
      this.#waiting.add(publication);
      this.#wheel.add(publication);
      try {
        send(publication);
      } catch (error) {
        publication.reject(error as MessagingError);
      }
    });
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

class WaitingPublication implements Publication {
  settled = false;
  sent = false;
  readonly subject: string;
  readonly expiresAt: number;
  readonly #operation: string;
  readonly #settle: (error?: MessagingError) => void;

  constructor(subject: string, operation: string, expiresAt: number, settle: (error?: MessagingError) => void) {
    this.subject = subject;
    this.expiresAt = expiresAt;
    this.#operation = operation;
    this.#settle = settle;
  }

  confirmedBy(confirmation: Promise<void>): void {
    this.sent = true;
    confirmation.then(() => this.#end(undefined), (error: MessagingError) => this.reject(error));
  }

  reject(error: MessagingError): void {
    const execution = this.sent && error.code !== "FORBIDDEN" && error.code !== "PAYLOAD_TOO_LARGE"
      ? "unknown"
      : "not-executed";
    this.#end(
      new MessagingError(error.code, `Cannot publish "${this.#operation}": ${error.message}`, {
        operation: this.#operation,
        execution,
        data: error.data,
        retryAfterMs: error.retryAfterMs,
        cause: error,
      }),
    );
  }

  expire(): void {
    this.reject(new MessagingError("DISCONNECTED", "the broker did not confirm it in time"));
  }

  #end(error: MessagingError | undefined): void {
    if (this.settled) return;
    this.settled = true;
    this.#settle(error);
  }
}
