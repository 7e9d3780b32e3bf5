import { isMessagingError, MessagingError } from "../errors/messaging-error.ts";
import type { Logger } from "../logging/logger.ts";
import { encodeErrorReply } from "../message/error-reply.ts";
import type { MessageHeaders } from "../message/message-headers.ts";
import type { Clock } from "../transport/clock.ts";
import { createIdentifierSource, unguessableLength } from "../transport/identifiers.ts";
import type { AcceptedRequest } from "./accepted-request.ts";

/** An answer that says that another was too large is smaller than this. */
const smallAnswerBytes = 1024;

/** Sends answers: the first of a request goes out and is counted, another one does nothing. */
export class RequestAnswers {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #identifiers: ReturnType<typeof createIdentifierSource>;

  /** For one server. */
  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
    this.#identifiers = createIdentifierSource(clock);
  }

  /** Answers with a body. */
  send(
    accepted: AcceptedRequest,
    body: Uint8Array,
    headers: MessageHeaders | undefined,
    failure: string | undefined,
  ): void {
    if (accepted.answered) return;
    const { endpoint, connection, replySubject, arrivedAt } = accepted;
    try {
      connection.send(replySubject, body, headers);
    } catch (error) {
      if (isMessagingError(error, "PAYLOAD_TOO_LARGE") && body.length > smallAnswerBytes) {
        return this.sendHidden(accepted, "INVALID_RESPONSE", "is too large for the connection", error);
      }
      this.#logger.error("An answer could not be sent", { operation: endpoint.operation.name, error });
    }
    accepted.answered = true;
    endpoint.statistics.count(this.#clock.now() - arrivedAt, failure);
  }

  /** Answers with an error, as it is. */
  sendError(accepted: AcceptedRequest, error: MessagingError): void {
    if (accepted.answered) return;
    const { headers, body } = encodeErrorReply(error);
    this.send(accepted, body, headers, `${error.code}: ${error.message}`);
  }

  /** Answers with an error that shows nothing but where to look; the log has the rest. */
  sendHidden(accepted: AcceptedRequest, code: "INTERNAL" | "INVALID_RESPONSE", message: string, hidden: unknown): void {
    const operation = accepted.endpoint.operation.name;
    const correlationId = this.#identifiers.next(unguessableLength);
    this.#logger.error(`Request "${operation}": ${message}`, { operation, correlationId, error: hidden });
    const told = code === "INTERNAL" ? "The service failed" : `The answer to request "${operation}" ${message}`;
    this.sendError(accepted, new MessagingError(code, told, { operation, correlationId }));
  }
}
