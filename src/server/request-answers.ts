import type { Execution } from "../errors/error-codes.ts";
import { isMessagingError, MessagingError } from "../errors/messaging-error.ts";
import type { Logger } from "../logging/logger.ts";
import { encodeErrorReply } from "../message/error-reply.ts";
import { headerNames } from "../message/header-names.ts";
import { MessageHeaders } from "../message/message-headers.ts";
import type { PayloadEncryption } from "../message/payload-encryption.ts";
import type { Clock } from "../transport/clock.ts";
import { createIdentifierSource, unguessableLength } from "../transport/identifiers.ts";
import { type AcceptedRequest, type Endpoint, requestIdOf } from "./accepted-request.ts";
import type { Answer } from "./answer.ts";

/** Of so many answers it is known whose they were when the broker refuses them, which it says within a round trip. */
const sentAnswers = 1_024;
/** An answer that says that another was too large is smaller than this. */
const smallAnswerBytes = 1024;

/** What request answers are made of. */
export interface RequestAnswersOptions {
  /** Time and randomness. */
  readonly clock: Clock;
  /** Hears what callers are not told. */
  readonly logger: Logger;
  /** Encrypts bodies. */
  readonly encryption: PayloadEncryption | undefined;
  /** A subject without the namespace. */
  readonly relativeSubject: (subject: string) => string;
}

/** Sends answers: the first of a request goes out and is counted, another one does nothing. */
export class RequestAnswers {
  readonly #options: RequestAnswersOptions;
  readonly #identifiers: ReturnType<typeof createIdentifierSource>;
  readonly #sealing = new Set<Promise<void>>();
  /** The newest answers, in a ring: where they went, and what they were to. */
  readonly #sentTo: string[] = [];
  readonly #sentBy: Endpoint[] = [];
  #sent = 0;

  /** For one server. */
  constructor(options: RequestAnswersOptions) {
    this.#options = options;
    this.#identifiers = createIdentifierSource(options.clock);
  }

  /** Answers with a result, which later arrivals of the request get too. */
  send(accepted: AcceptedRequest, body: Uint8Array, headers: MessageHeaders): void {
    this.#sendOutcome(accepted, { body, headers, failure: undefined });
  }

  /** Answers with an error of the contract, as it is; later arrivals get it too unless it may pass. */
  sendDeclared(accepted: AcceptedRequest, error: MessagingError): void {
    if (error.retryable) this.sendError(accepted, error);
    else this.#sendOutcome(accepted, this.#encodeError(error));
  }

  /** Answers that there is a result which cannot be told. */
  sendUntellable(accepted: AcceptedRequest, message: string, hidden: unknown): void {
    this.#sendOutcome(accepted, this.#encodeError(this.#hiddenError(accepted, "INVALID_RESPONSE", message, hidden)));
  }

  /** Answers with what the first arrival of this request got. */
  repeat(accepted: AcceptedRequest, answer: Answer): void {
    if (accepted.answered) return;
    accepted.answered = true;
    this.#deliver(accepted, answer);
  }

  /** Answers with an error, as it is. */
  sendError(accepted: AcceptedRequest, error: MessagingError): void {
    this.repeat(accepted, this.#encodeError(error));
  }

  /** Answers that it failed, with nothing but where to look; the log has the rest. */
  sendFailure(accepted: AcceptedRequest, message: string, hidden: unknown, execution?: Execution): void {
    this.sendError(accepted, this.#hiddenError(accepted, "INTERNAL", message, hidden, execution));
  }

  /** The broker did not let an answer through: its caller waits in vain. */
  refused(replySubject: string, error: MessagingError): void {
    const place = this.#sentTo.lastIndexOf(replySubject);
    if (place < 0) return;
    const { operation, statistics } = this.#sentBy[place]!;
    statistics.countError("the broker refused an answer");
    const { name } = operation;
    this.#options.logger.error("The broker does not let this server answer", { operation: name, replySubject, error });
  }

  /** Resolves when no answer is still being encrypted. */
  async sent(): Promise<void> {
    await Promise.all(this.#sealing);
  }

  /** What came of the work is remembered also where its caller was told before that it takes too long. */
  #sendOutcome(accepted: AcceptedRequest, answer: Answer): void {
    // A copy, because it is kept for long, and the memory that it was written into is more than it.
    accepted.remembered?.settle({ ...answer, body: answer.body.slice() });
    this.repeat(accepted, answer);
  }

  #deliver(accepted: AcceptedRequest, answer: Answer): void {
    const { encryption } = this.#options;
    if (encryption === undefined) return this.#transmit(accepted, answer);
    const sealing = this.#seal(encryption, accepted, answer)
      .then((sealed) => this.#transmit(accepted, sealed))
      .catch((error: unknown) => this.#lost(accepted, error))
      .finally(() => this.#sealing.delete(sealing));
    this.#sealing.add(sealing);
  }

  #transmit(accepted: AcceptedRequest, { body, headers, failure }: Answer): void {
    const { endpoint, connection, replySubject, arrivedAt } = accepted;
    try {
      connection.send(replySubject, body, headers);
      const place = this.#sent++ % sentAnswers;
      this.#sentTo[place] = replySubject;
      this.#sentBy[place] = endpoint;
      endpoint.statistics.count(this.#options.clock.now() - arrivedAt, failure);
    } catch (error) {
      if (!isMessagingError(error, "PAYLOAD_TOO_LARGE") || body.length <= smallAnswerBytes) {
        return this.#lost(accepted, error);
      }
      const told = this.#hiddenError(accepted, "INVALID_RESPONSE", "is too large for the connection", error);
      this.#deliver(accepted, this.#encodeError(told));
    }
  }

  async #seal(encryption: PayloadEncryption, accepted: AcceptedRequest, answer: Answer): Promise<Answer> {
    const sealed = await encryption.seal(answer.body, {
      subject: this.#options.relativeSubject(accepted.message.subject),
      direction: "response",
      requestId: requestIdOf(accepted),
    });
    const headers = [...answer.headers, [headerNames.encryption, sealed.header] as const];
    return { body: sealed.body, headers: MessageHeaders.fromTrusted(headers), failure: answer.failure };
  }

  #encodeError(error: MessagingError): Answer {
    // The text would stand in the open beside the encrypted body.
    const { headers, body } = encodeErrorReply(error, { showText: this.#options.encryption === undefined });
    return { headers, body, failure: `${error.code}: ${error.message}` };
  }

  #hiddenError(
    accepted: AcceptedRequest,
    code: "INTERNAL" | "INVALID_RESPONSE",
    message: string,
    hidden: unknown,
    execution?: Execution,
  ): MessagingError {
    const operation = accepted.endpoint.operation.name;
    const correlationId = this.#identifiers.next(unguessableLength);
    this.#options.logger.error(`Request "${operation}": ${message}`, { operation, correlationId, error: hidden });
    const told = code === "INTERNAL"
      ? `The service failed; its logger has the reason under ${correlationId}`
      : `The answer to request "${operation}" ${message}`;
    return new MessagingError(code, told, { operation, correlationId, execution });
  }

  #lost(accepted: AcceptedRequest, error: unknown): void {
    const operation = accepted.endpoint.operation.name;
    accepted.endpoint.statistics.count(this.#options.clock.now() - accepted.arrivedAt, "the answer could not be sent");
    this.#options.logger.error("An answer could not be sent", { operation, error });
  }
}
