import type { Contract, RequestOperation } from "../contract/contract.ts";
import { type Middleware, runMiddleware } from "../contract/operation-call.ts";
import { validationError } from "../contract/validator.ts";
import { isMessagingError, MessagingError } from "../errors/messaging-error.ts";
import type { Logger } from "../logging/logger.ts";
import { encodeErrorReply } from "../message/error-reply.ts";
import { decodeHeaderBlock } from "../message/header-block.ts";
import { headerNames } from "../message/header-names.ts";
import { decodeBody, encodeBody } from "../message/json-codec.ts";
import { MessageHeaders } from "../message/message-headers.ts";
import { acknowledgingStream } from "../message/stored-acknowledgement.ts";
import type { Clock } from "../transport/clock.ts";
import { DeadlineWheel } from "../transport/deadline-wheel.ts";
import { createIdentifierSource, unguessableLength } from "../transport/identifiers.ts";
import { isReplySubject } from "../transport/subject-rules.ts";
import { TaskQueue } from "../transport/task-queue.ts";
import type { TransportConnection, TransportMessage } from "../transport/transport.ts";
import { checkAccess } from "./access-check.ts";
import { answerError, internalError, invalidResponse } from "./answer-error.ts";
import type { EndpointStatistics } from "./endpoint-statistics.ts";
import { RunningRequest } from "./running-request.ts";
import type { Authenticate, ServerCallContext } from "./server-options.ts";

/** What every server assumes where a request and its contract say nothing, in milliseconds. */
const defaultTimeoutMs = 5_000;
const busyRetryAfterMs = 100;

/** A handler, whatever its contract. */
export type AnyHandler = (data: unknown, context: RunningRequest) => unknown;

/** One request that is served. */
export interface Endpoint {
  /** Which request. */
  readonly operation: RequestOperation;
  /** Answers it. */
  readonly handler: AnyHandler;
  /** Counts. */
  readonly statistics: EndpointStatistics;
}

/** What a request service is made of. */
export interface RequestServiceOptions {
  /** What is served. */
  readonly contract: Contract;
  /** Verifies callers. */
  readonly authenticate: Authenticate | undefined;
  /** How many handlers run at once. */
  readonly concurrency: number;
  /** How many requests wait. */
  readonly queueLimit: number;
  /** Wraps every handler. */
  readonly middleware: readonly Middleware<ServerCallContext>[];
  /** Hears what callers are not told. */
  readonly logger: Logger;
  /** Time and randomness. */
  readonly clock: Clock;
}

interface AcceptedRequest {
  readonly endpoint: Endpoint;
  readonly message: TransportMessage;
  readonly replySubject: string;
  readonly connection: TransportConnection;
  readonly arrivedAt: number;
  answered: boolean;
  running: RunningRequest | undefined;
}

/** Serves requests: every one that came with a reply subject gets exactly one answer. */
export class RequestService {
  readonly #options: RequestServiceOptions;
  readonly #queue: TaskQueue<AcceptedRequest>;
  readonly #wheel: DeadlineWheel;
  readonly #running = new Map<string, Set<RunningRequest>>();
  readonly #accepted = new Set<AcceptedRequest>();
  readonly #identifiers: ReturnType<typeof createIdentifierSource>;

  /** Nothing is served yet. */
  constructor(options: RequestServiceOptions) {
    this.#options = options;
    this.#wheel = new DeadlineWheel(options.clock);
    this.#identifiers = createIdentifierSource(options.clock);
    this.#queue = new TaskQueue({
      concurrency: options.concurrency,
      queueLimit: options.queueLimit,
      run: (accepted) => this.#run(accepted),
    });
  }

  /** Takes a request's message. */
  receive(endpoint: Endpoint, message: TransportMessage, connection: TransportConnection): void {
    const { logger, clock, concurrency } = this.#options;
    const { replySubject } = message;
    if (replySubject === undefined || !isReplySubject(replySubject)) {
      // Whoever asks without an inbox cannot be told; to answer anywhere else would publish in the caller's place.
      logger.warn("A request was not served: its reply subject is no inbox", { operation: endpoint.operation.name });
      endpoint.statistics.count(0, "no inbox to answer to");
      return;
    }
    const waits = this.#queue.size >= concurrency;
    const accepted: AcceptedRequest = {
      endpoint,
      // What waits must not hold on to the socket's memory.
      message: waits ? { ...message, body: message.body.slice() } : message,
      replySubject,
      connection,
      arrivedAt: clock.now(),
      answered: false,
      running: undefined,
    };
    if (!this.#queue.hasRoom) {
      return this.#answerError(accepted, busy(endpoint.operation.name, "too many requests wait for a handler already"));
    }
    this.#accepted.add(accepted);
    this.#queue.add(accepted);
  }

  /** A caller no longer waits for this request. */
  cancel(requestId: string): void {
    for (const running of this.#running.get(requestId) ?? []) {
      running.abort(new MessagingError("CANCELLED", `Request "${running.operation}" was cancelled by its caller`));
    }
  }

  /** Waits until all that was taken is answered; after the grace the rest is answered with what is true of it. */
  async finish(graceMs: number): Promise<void> {
    const { clock } = this.#options;
    let timer: { cancel(): void } | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = clock.after(graceMs, resolve);
    });
    await Promise.race([this.#queue.idle(), patience]);
    timer?.cancel();
    for (const waiting of this.#queue.clear()) {
      this.#answerError(waiting, busy(waiting.endpoint.operation.name, "the server stops"));
    }
    for (const accepted of [...this.#accepted]) {
      const { name } = accepted.endpoint.operation;
      const stopped = new MessagingError("CANCELLED", `The server stopped before request "${name}" was done`, {
        operation: name,
      });
      accepted.running?.abort(stopped);
      this.#answerError(accepted, stopped);
    }
  }

  async #run(accepted: AcceptedRequest): Promise<void> {
    const { operation, handler } = accepted.endpoint;
    let running: RunningRequest | undefined;
    try {
      // Both are read before anything is awaited: the message's bytes are the socket's.
      const headers = accepted.message.headerBlock === undefined
        ? MessageHeaders.empty
        : decodeHeaderBlock(accepted.message.headerBlock).headers;
      checkContentType(headers);
      running = this.#begin(accepted, headers);
      const value = decodeBody(accepted.message.body);
      running.actor = await checkAccess(this.#options.contract, operation, running, this.#options.authenticate);
      const checked = await operation.request.validate(value);
      if (checked.issues !== undefined) throw validationError("INVALID_REQUEST", operation.name, checked.issues);
      if (accepted.answered) return;
      await this.#handle(accepted, handler, checked.value, running);
    } catch (error) {
      if (isMessagingError(error)) return this.#answerError(accepted, error);
      this.#answerHidden(accepted, error, "A request failed before its handler");
    } finally {
      if (running !== undefined) this.#end(running);
    }
  }

  async #handle(accepted: AcceptedRequest, handler: AnyHandler, data: unknown, running: RunningRequest): Promise<void> {
    const { operation } = accepted.endpoint;
    const { middleware } = this.#options;
    let result: unknown;
    try {
      result = middleware.length === 0 ? await handler(data, running) : await runMiddleware(
        middleware,
        { kind: "request", operation: operation.name, data, context: running },
        async (call) => await handler(call.data, running),
      );
    } catch (thrown) {
      if (accepted.answered) return;
      const { endedBecause } = running;
      if (isMessagingError(endedBecause)) return this.#answerError(accepted, endedBecause);
      const correlationId = this.#identifiers.next(unguessableLength);
      const { error, hidden } = await answerError(operation, thrown, correlationId);
      if (hidden !== undefined) this.#logHidden(operation.name, correlationId, "A handler failed", hidden);
      return this.#answerError(accepted, error);
    }
    if (!accepted.answered) await this.#answerResult(accepted, result);
  }

  async #answerResult(accepted: AcceptedRequest, result: unknown): Promise<void> {
    const { operation } = accepted.endpoint;
    const checked = await operation.response.validate(result);
    if (checked.issues !== undefined) {
      const reasons = checked.issues.map(({ message }) => message);
      return this.#answerInvalid(accepted, "does not fit the contract", reasons);
    }
    let body: Uint8Array;
    try {
      body = encodeBody(result);
    } catch (error) {
      return this.#answerInvalid(accepted, "cannot be written as JSON", error);
    }
    const limit = accepted.connection.maxPayloadBytes;
    if (body.length > limit) {
      return this.#answerInvalid(
        accepted,
        `has ${body.length} bytes: the connection takes at most ${limit}`,
        undefined,
      );
    }
    // A result that looks like a stream's acknowledgement says whose it is; the stream's has no headers.
    const { name, version } = this.#options.contract;
    const looksStored = acknowledgingStream(MessageHeaders.empty, result) !== undefined;
    const headers = looksStored
      ? MessageHeaders.fromTrusted([[headerNames.contract, `${name}@${version}`]])
      : undefined;
    this.#answer(accepted, body, headers, undefined);
  }

  #begin(accepted: AcceptedRequest, headers: MessageHeaders): RunningRequest {
    const { clock } = this.#options;
    const { operation } = accepted.endpoint;
    const given = Number(headers.get(headerNames.timeout));
    const timeoutMs = Number.isFinite(given) && given > 0 ? given : operation.timeoutMs ?? defaultTimeoutMs;
    const { replySubject } = accepted;
    const requestId = headers.get(headerNames.requestId) ?? replySubject.slice(replySubject.lastIndexOf(".") + 1);
    const running = new RunningRequest({
      operation,
      subject: accepted.message.subject,
      requestId,
      headers,
      expiresAt: accepted.arrivedAt + timeoutMs,
      clock,
      onExpire: () => {
        const late = lateError(operation.name, timeoutMs);
        running.abort(late);
        this.#answerError(accepted, late);
      },
    });
    accepted.running = running;
    if (running.expiresAt <= clock.now()) throw lateError(operation.name, timeoutMs);
    this.#wheel.add(running);
    const same = this.#running.get(requestId);
    if (same === undefined) this.#running.set(requestId, new Set([running]));
    else same.add(running);
    return running;
  }

  #end(running: RunningRequest): void {
    this.#wheel.remove(running);
    const same = this.#running.get(running.requestId);
    if (same?.delete(running) && same.size === 0) this.#running.delete(running.requestId);
  }

  #answerInvalid(accepted: AcceptedRequest, reason: string, hidden: unknown): void {
    const { name } = accepted.endpoint.operation;
    const correlationId = this.#identifiers.next(unguessableLength);
    this.#logHidden(name, correlationId, `The answer of a handler ${reason}`, hidden);
    this.#answerError(accepted, invalidResponse(name, correlationId, reason));
  }

  #answerHidden(accepted: AcceptedRequest, error: unknown, message: string): void {
    const { name } = accepted.endpoint.operation;
    const correlationId = this.#identifiers.next(unguessableLength);
    this.#logHidden(name, correlationId, message, error);
    this.#answerError(accepted, internalError(name, correlationId));
  }

  #logHidden(operation: string, correlationId: string, message: string, error: unknown): void {
    this.#options.logger.error(message, { operation, correlationId, error });
  }

  #answerError(accepted: AcceptedRequest, error: MessagingError): void {
    if (accepted.answered) return;
    const { headers, body } = encodeErrorReply(error);
    this.#answer(accepted, body, headers, `${error.code}: ${error.message}`);
  }

  #answer(
    accepted: AcceptedRequest,
    body: Uint8Array,
    headers: MessageHeaders | undefined,
    failure: string | undefined,
  ): void {
    if (accepted.answered) return;
    accepted.answered = true;
    this.#accepted.delete(accepted);
    const { endpoint, connection, replySubject, arrivedAt } = accepted;
    endpoint.statistics.count(this.#options.clock.now() - arrivedAt, failure);
    try {
      connection.send(replySubject, body, headers);
    } catch (error) {
      this.#options.logger.error("An answer could not be sent", { operation: endpoint.operation.name, error });
    }
  }
}

function checkContentType(headers: MessageHeaders): void {
  const type = headers.get(headerNames.contentType);
  if (type === undefined || /^application\/(?:[\w.+-]+\+)?json\b/i.test(type)) return;
  throw new MessagingError("MALFORMED_MESSAGE", "Cannot read a message: its Content-Type is not JSON");
}

function busy(operation: string, reason: string): MessagingError {
  return new MessagingError("BUSY", `Request "${operation}" was not taken: ${reason}`, {
    operation,
    retryAfterMs: busyRetryAfterMs,
  });
}

function lateError(operation: string, timeoutMs: number): MessagingError {
  return new MessagingError("TIMEOUT", `Request "${operation}" was not done within ${timeoutMs} ms`, { operation });
}
