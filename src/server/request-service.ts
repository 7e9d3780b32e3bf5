import { checkAccess, forbidden } from "../contract/access-check.ts";
import type { Authenticate } from "../contract/actor.ts";
import type { Authorize } from "../contract/authorize.ts";
import type { Contract } from "../contract/contract.ts";
import { defaultTimeoutMs } from "../contract/default-timeout.ts";
import { type Middleware, runMiddleware } from "../contract/operation-call.ts";
import { andThen, isPromise, type ValueOrPromise } from "../contract/value-or-promise.ts";
import { validationError } from "../contract/validator.ts";
import { isLibraryCode } from "../errors/error-codes.ts";
import { isMessagingError, MessagingError } from "../errors/messaging-error.ts";
import type { Logger } from "../logging/logger.ts";
import { decodeHeaderBlock } from "../message/header-block.ts";
import { headerNames } from "../message/header-names.ts";
import { decodeBody, encodeBody } from "../message/json-codec.ts";
import { MessageHeaders } from "../message/message-headers.ts";
import type { PayloadEncryption } from "../message/payload-encryption.ts";
import { acknowledgingStream } from "../message/stored-acknowledgement.ts";
import type { Clock } from "../transport/clock.ts";
import { isReplySubject } from "../transport/subject-rules.ts";
import { TaskQueue } from "../transport/task-queue.ts";
import type { TransportConnection, TransportMessage } from "../transport/transport.ts";
import { type AcceptedRequest, type Endpoint, replyTokenOf, requestIdOf } from "./accepted-request.ts";
import { credentialsOf } from "./caller-credentials.ts";
import { declaredError } from "./declared-error.ts";
import { RequestAnswers } from "./request-answers.ts";
import { RunningRequest } from "./running-request.ts";
import { RunningRequests } from "./running-requests.ts";
import type { ServerCallContext } from "./server-options.ts";

/** An hour: what a caller asks beyond is not believed. */
const maximumTimeoutMs = 3_600_000;
const busyRetryAfterMs = 100;
/** Two timers of one deadline fire within this time: a tick of the wheel each, and a clock of whole milliseconds. */
const timerSpreadMs = 25;

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
  /** Decides what depends on data. */
  readonly authorize: Authorize | undefined;
  /** Encrypts bodies. */
  readonly encryption: PayloadEncryption | undefined;
  /** A subject without the namespace. */
  readonly relativeSubject: (subject: string) => string;
  /** Time and randomness. */
  readonly clock: Clock;
}

/** Serves requests: every one that came with a reply subject gets exactly one answer. */
export class RequestService {
  readonly #options: RequestServiceOptions;
  readonly #queue: TaskQueue<AcceptedRequest>;
  readonly #running: RunningRequests;
  readonly #answers: RequestAnswers;
  readonly #accepted = new Set<AcceptedRequest>();

  /** Nothing is served yet. */
  constructor(options: RequestServiceOptions) {
    this.#options = options;
    this.#running = new RunningRequests(options.clock);
    this.#answers = new RequestAnswers(options);
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
      return this.#answers.sendError(
        accepted,
        busy(endpoint.operation.name, "too many requests wait for a handler already"),
      );
    }
    this.#queue.add(accepted);
  }

  /** A caller no longer waits for the request whose reply subject ends with this token. */
  cancel(replyToken: string): void {
    this.#running.cancel(replyToken);
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
      this.#answers.sendError(waiting, busy(waiting.endpoint.operation.name, "the server stops"));
    }
    for (const accepted of [...this.#accepted]) {
      const { name } = accepted.endpoint.operation;
      const stopped = new MessagingError("CANCELLED", `The server stopped before request "${name}" was done`, {
        operation: name,
      });
      accepted.running?.abort(stopped);
      this.#answers.sendError(accepted, stopped);
    }
    this.#accepted.clear();
    await this.#answers.sent();
  }

  #run(accepted: AcceptedRequest): void | Promise<void> {
    try {
      const answered = this.#serve(accepted);
      if (!isPromise(answered)) return;
      // From here on it takes turns: it can be late, cancelled, or left over when the server stops.
      this.#accepted.add(accepted);
      if (accepted.running !== undefined) this.#running.add(accepted.running);
      return Promise.resolve(answered).catch((error: unknown) => this.#answerFailure(accepted, error)).finally(() => {
        this.#accepted.delete(accepted);
        if (accepted.running !== undefined) this.#running.remove(accepted.running);
      });
    } catch (error) {
      this.#answerFailure(accepted, error);
    }
  }

  #answerFailure(accepted: AcceptedRequest, error: unknown): void {
    // A program's own function may throw an error of any code; callers know those of the library.
    if (isMessagingError(error) && isLibraryCode(error.code)) return this.#answers.sendError(accepted, error);
    this.#answers.sendHidden(accepted, "INTERNAL", "it failed before its handler", error);
  }

  #serve(accepted: AcceptedRequest): ValueOrPromise<void> {
    const { contract, authenticate, encryption } = this.#options;
    const { message, endpoint: { operation } } = accepted;
    // Both are read before anything is awaited: the message's bytes are the socket's.
    const headers = message.headerBlock === undefined
      ? MessageHeaders.empty
      : decodeHeaderBlock(message.headerBlock).headers;
    checkContentType(headers);
    const running = this.#begin(accepted, headers);
    const kept = encryption !== undefined || headers.has(headerNames.signature);
    const body = kept ? message.body.slice() : message.body;
    const early = encryption === undefined ? decodeBody(body) : undefined;
    const { subject, requestId } = running;
    const credentials = credentialsOf(headers);
    const call = { subject, requestId, body };
    return andThen(checkAccess({ contract, operation, credentials, call, authenticate }), (actor) => {
      running.actor = actor;
      const value = encryption === undefined ? early : this.#open(encryption, running, body).then(decodeBody);
      return andThen(value, (opened) => this.#check(accepted, running, opened));
    });
  }

  #open(encryption: PayloadEncryption, running: RunningRequest, body: Uint8Array): Promise<Uint8Array> {
    return encryption.open(body, running.headers.get(headerNames.encryption), {
      subject: this.#options.relativeSubject(running.subject),
      direction: "request",
      requestId: running.requestId,
    });
  }

  #check(accepted: AcceptedRequest, running: RunningRequest, value: unknown): ValueOrPromise<void> {
    const { authorize, contract: { name: contract } } = this.#options;
    const { operation } = accepted.endpoint;
    return andThen(operation.request.validate(value), (checked) => {
      if (checked.issues !== undefined) throw validationError("INVALID_REQUEST", operation.name, checked.issues);
      const { actor } = running;
      const allowed = authorize === undefined ||
        authorize({ contract, operation: operation.name, data: checked.value, actor });
      return andThen(allowed, (may) => {
        if (!may) throw forbidden(operation);
        if (!accepted.answered) return this.#handle(accepted, checked.value, running);
      });
    });
  }

  #handle(accepted: AcceptedRequest, data: unknown, running: RunningRequest): ValueOrPromise<void> {
    const { operation, handler } = accepted.endpoint;
    const { middleware } = this.#options;
    const failed = (thrown: unknown): Promise<void> => this.#answerThrown(accepted, running, thrown);
    try {
      const result = middleware.length === 0 ? handler(data, running) : runMiddleware(
        middleware,
        { kind: "request", operation: operation.name, data, context: running },
        async (call) => await handler(call.data, running),
      );
      if (!isPromise(result)) return this.#answerResult(accepted, result);
      return result.then((value) => accepted.answered ? undefined : this.#answerResult(accepted, value), failed);
    } catch (thrown) {
      return failed(thrown);
    }
  }

  async #answerThrown(accepted: AcceptedRequest, running: RunningRequest, thrown: unknown): Promise<void> {
    if (accepted.answered) return;
    const { endedBecause } = running;
    if (isMessagingError(endedBecause)) return this.#answers.sendError(accepted, endedBecause);
    // A nested request inherits this deadline, and its timer may be the first to fire.
    const leftMs = running.expiresAt - this.#options.clock.now();
    if (isMessagingError(thrown, "TIMEOUT") && leftMs < timerSpreadMs) return running.expire();
    const declared = await declaredError(accepted.endpoint.operation, thrown);
    if (declared !== undefined) return this.#answers.sendError(accepted, declared);
    this.#answers.sendHidden(accepted, "INTERNAL", "its handler failed", thrown);
  }

  #answerResult(accepted: AcceptedRequest, result: unknown): ValueOrPromise<void> {
    const { operation } = accepted.endpoint;
    return andThen(operation.response.validate(result), (checked) => {
      if (checked.issues !== undefined) {
        const reasons = checked.issues.map(({ message }) => message);
        return this.#answers.sendHidden(accepted, "INVALID_RESPONSE", "does not fit the contract", reasons);
      }
      let body: Uint8Array;
      try {
        body = encodeBody(result);
      } catch (error) {
        return this.#answers.sendHidden(accepted, "INVALID_RESPONSE", "cannot be written as JSON", error);
      }
      // A result that looks like a stream's acknowledgement says whose it is; the stream's has no headers.
      const { name, version } = this.#options.contract;
      const looksStored = acknowledgingStream(MessageHeaders.empty, result) !== undefined;
      const headers = looksStored
        ? MessageHeaders.fromTrusted([[headerNames.contract, `${name}@${version}`]])
        : MessageHeaders.empty;
      this.#answers.send(accepted, body, headers);
    });
  }

  #begin(accepted: AcceptedRequest, headers: MessageHeaders): RunningRequest {
    const { clock } = this.#options;
    const { operation } = accepted.endpoint;
    const given = Number(headers.get(headerNames.timeout));
    const timeoutMs = Math.min(given > 0 ? given : operation.timeoutMs ?? defaultTimeoutMs, maximumTimeoutMs);
    const requestId = headers.get(headerNames.requestId) ?? requestIdOf(accepted);
    const running = new RunningRequest({
      operation,
      subject: accepted.message.subject,
      requestId,
      replyToken: replyTokenOf(accepted),
      headers,
      expiresAt: accepted.arrivedAt + timeoutMs,
      clock,
      onExpire: () => {
        const late = lateError(operation.name, timeoutMs);
        running.abort(late);
        this.#answers.sendError(accepted, late);
      },
    });
    accepted.running = running;
    if (running.expiresAt <= clock.now()) throw lateError(operation.name, timeoutMs);
    return running;
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
