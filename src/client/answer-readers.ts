import type { RequestOperation } from "../contract/contract.ts";
import type { ContractSubjects } from "../contract/subjects.ts";
import type { PayloadEncryption } from "../message/payload-encryption.ts";
import type { TransportMessage } from "../transport/transport.ts";
import { decodeReply } from "./decode-reply.ts";
import { replyOpener } from "./payload-protection.ts";

/** Makes of an answer what its caller gets. */
export type AnswerReader = (answer: TransportMessage) => unknown;

/** What reads answers: one function for all of an operation, so that a request that waits holds none of its own. */
export class AnswerReaders {
  readonly #subjects: ContractSubjects;
  readonly #encryption: PayloadEncryption | undefined;
  readonly #byOperation = new Map<RequestOperation, AnswerReader>();

  /** For one contract, encrypted or not. */
  constructor(subjects: ContractSubjects, encryption: PayloadEncryption | undefined) {
    this.#subjects = subjects;
    this.#encryption = encryption;
  }

  /** Reads the answer to a request; where answers are encrypted they are bound to the request. */
  reader(operation: RequestOperation, subject: string, requestId: string): AnswerReader {
    return this.#encryption === undefined
      ? this.#byOperation.get(operation) ?? this.#plainReader(operation)
      : this.#opener(this.#encryption, operation, subject, requestId);
  }

  #plainReader(operation: RequestOperation): AnswerReader {
    const reader: AnswerReader = (answer) => decodeReply(operation, answer);
    this.#byOperation.set(operation, reader);
    return reader;
  }

  #opener(
    encryption: PayloadEncryption,
    operation: RequestOperation,
    subject: string,
    requestId: string,
  ): AnswerReader {
    const open = replyOpener(encryption, this.#subjects.relative(subject), requestId);
    return (answer) => decodeReply(operation, answer, open);
  }
}
