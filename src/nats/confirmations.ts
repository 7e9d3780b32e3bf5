import type { MessagingError } from "../errors/messaging-error.ts";
import { type PromiseEnds, withResolvers } from "../transport/with-resolvers.ts";

/** Bytes after which the broker is asked, without anybody waiting, whether it keeps up. */
const askEveryBytes = 64 * 1024;

interface Question {
  readonly bytesSent: number;
  readonly answer: PromiseEnds<void> | undefined;
}

/**
 * Questions to the broker, each a `PING`: its `PONG` says that all written before has been read. One question answers
 * everybody who asked since the last; bytes that no answer covers yet are bytes the broker may not have read.
 */
export class Confirmations {
  readonly #questions: Question[] = [];
  #next: PromiseEnds<void> | undefined;
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

  /** Whether a question belongs behind what has been written; if so it counts as asked. */
  ask(bytesWritten: number): boolean {
    if (this.#next === undefined && bytesWritten - this.#bytesAsked <= askEveryBytes) return false;
    this.#questions.push({ bytesSent: bytesWritten, answer: this.#next });
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
  }

  /** There will be no answers any more. */
  end(error: MessagingError): void {
    this.#next?.reject(error);
    this.#next = undefined;
    for (const question of this.#questions.splice(0)) question.answer?.reject(error);
  }
}
