import type { MessagingError } from "../errors/messaging-error.ts";
import { type PromiseEnds, withResolvers } from "../transport/with-resolvers.ts";

/** Bytes after which the broker is asked, without anybody waiting, whether it keeps up. */
const askEveryBytes = 64 * 1024;

/** Something that waits for a confirmation. */
export interface Confirmable {
  /** The broker has read it. */
  confirmed(): void;
  /** There will be no confirmation. */
  reject(error: MessagingError): void;
}

interface Question {
  readonly bytesSent: number;
  readonly answer: PromiseEnds<void> | undefined;
  readonly waiting: readonly Confirmable[];
}

const nobody: readonly Confirmable[] = [];

/**
 * Questions to the broker, each a `PING`: its `PONG` says that all written before has been read. One question answers
 * everybody who asked since the last; bytes that no answer covers yet are bytes the broker may not have read.
 */
export class Confirmations {
  readonly #questions: Question[] = [];
  #next: PromiseEnds<void> | undefined;
  #waiting: Confirmable[] = [];
  #bytesAsked = 0;
  #bytesConfirmed = 0;

  /** How many of the bytes written have been read for certain. */
  get bytesConfirmed(): number {
    return this.#bytesConfirmed;
  }

  /** Resolves with the answer to the next question. */
  next(): Promise<void> {
    this.#next ??= withResolvers();
    return this.#next.promise;
  }

  /** Tells this one of the answer to the next question: a promise for each event would cost more than the event. */
  tell(waiting: Confirmable): void {
    this.#waiting.push(waiting);
  }

  /** Whether a question belongs behind what has been written; if so it counts as asked. */
  ask(bytesWritten: number): boolean {
    const isWanted = this.#next !== undefined || this.#waiting.length > 0;
    if (!isWanted && bytesWritten - this.#bytesAsked <= askEveryBytes) return false;
    this.#questions.push({ bytesSent: bytesWritten, answer: this.#next, waiting: this.#takeWaiting() });
    this.#next = undefined;
    this.#bytesAsked = bytesWritten;
    return true;
  }

  /** The broker has answered the oldest question. */
  answered(): void {
    const question = this.#questions.shift();
    if (question === undefined) return;
    this.#bytesConfirmed = question.bytesSent;
    question.answer?.resolve();
    for (const waiting of question.waiting) waiting.confirmed();
  }

  /** There will be no answers any more. */
  end(error: MessagingError): void {
    this.#next?.reject(error);
    this.#next = undefined;
    for (const question of this.#questions.splice(0)) {
      question.answer?.reject(error);
      for (const waiting of question.waiting) waiting.reject(error);
    }
    for (const waiting of this.#takeWaiting()) waiting.reject(error);
  }

  #takeWaiting(): readonly Confirmable[] {
    if (this.#waiting.length === 0) return nobody;
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting;
  }
}
