import { checkAccess, forbidden } from "../contract/access-check.ts";
import type { Authenticate } from "../contract/actor.ts";
import type { Contract } from "../contract/contract.ts";
import { defaultTimeoutMs } from "../contract/default-timeout.ts";
import { type Middleware, runMiddleware } from "../contract/operation-call.ts";
import { andThen, isPromise, type ValueOrPromise } from "../contract/value-or-promise.ts";
import { validationError } from "../contract/validator.ts";
import { isMessagingError, MessagingError } from "../errors/messaging-error.ts";
import { decodeHeaderBlock } from "../message/header-block.ts";
import { headerNames } from "../message/header-names.ts";
import { decodeBody, encodeBody } from "../message/json-codec.ts";
import { MessageHeaders } from "../message/message-headers.ts";
import type { PayloadEncryption } from "../message/payload-encryption.ts";
import { acknowledgingStream } from "../message/stored-acknowledgement.ts";
import type { Clock } from "../transport/clock.ts";
import { type AcceptedRequest, replyTokenOf, requestIdOf } from "./accepted-request.ts";
import { bodyFingerprint } from "./body-fingerprint.ts";
import { credentialsOf } from "./caller-credentials.ts";
import { declaredError } from "./declared-error.ts";
import type { RememberedRequest, RememberedRequests } from "./remembered-requests.ts";
import type { RequestAnswers } from "./request-answers.ts";
import { RunningRequest } from "./running-request.ts";
import type { Authorize, ServerCallContext } from "./server-options.ts";

/** An hour: what a caller asks beyond is not believed. */
const maximumTimeoutMs = 3_600_000;
/** Two timers of one deadline fire within this time: a tick of the wheel each, and a clock of whole milliseconds. */
const timerSpreadMs = 25;

/** How many later arrivals of one request wait for its answer at most. */
const maximumRepeats = 16;
const repeatAfterMs = 100;

/** What a request runner is made of. */
export interface RequestRunnerOptions {
  /** What is served. */
  readonly contract: Contract;
  /** Verifies callers. */
  readonly authenticate: Authenticate | undefined;
  /** Decides what depends on data. */
  readonly authorize: Authorize | undefined;
  /** Encrypts bodies. */
  readonly encryption: PayloadEncryption | undefined;
  /** Wraps every handler. */
  readonly middleware: readonly Middleware<ServerCallContext>[];
  /** A subject without the namespace. */
  readonly relativeSubject: (subject: string) => string;
  /** Time. */
  readonly clock: Clock;
  /** Sends answers. */
  readonly answers: RequestAnswers;
  /** What came before under the same id. */
  readonly remembered: RememberedRequests;
  /** A request only waits for another one's answer: it is at work no longer, and ends with this. */
  readonly onRepeat: (accepted: AcceptedRequest, answered: Promise<void>) => void;
}

/** Takes a request through all that it needs: verifies, opens, checks, handles, checks, answers. */
export class RequestRunner {
  readonly #options: RequestRunnerOptions;

  /** For one server. */
  constructor(options: RequestRunnerOptions) {
    this.#options = options;
  }

  /** Answers a request. @throws {MessagingError} what its caller is to hear, where it did not come to its handler */
  run(accepted: AcceptedRequest): ValueOrPromise<void> {
    const { contract, authenticate, encryption } = this.#options;
    const { message, endpoint: { operation } } = accepted;
    // Both are read before anything is awaited: the message's bytes are the socket's.
    const headers = message.headerBlock === undefined
      ? MessageHeaders.empty
      : decodeHeaderBlock(message.headerBlock).headers;
    checkContentType(headers);
    const running = this.#begin(accepted, headers);
    const hasId = running.idempotencyKey !== undefined;
    const kept = encryption !== undefined || hasId || headers.has(headerNames.signature);
    const body = kept ? message.body.slice() : message.body;
    const early = encryption === undefined ? decodeBody(body) : undefined;
    const { subject, requestId } = running;
    const credentials = credentialsOf(headers);
    const call = { subject, requestId, body };
    return andThen(checkAccess({ contract, operation, credentials, call, authenticate }), (actor) => {
      running.actor = actor;
      if (encryption === undefined) return this.#check(accepted, running, early, body);
      const opening = this.#open(encryption, running, body);
      return opening.then((opened) => this.#check(accepted, running, decodeBody(opened), opened));
    });
  }

  #open(encryption: PayloadEncryption, running: RunningRequest, body: Uint8Array): Promise<Uint8Array> {
    return encryption.open(body, running.headers.get(headerNames.encryption), {
      subject: this.#options.relativeSubject(running.subject),
      direction: "request",
      requestId: running.requestId,
    });
  }

  #check(
    accepted: AcceptedRequest,
    running: RunningRequest,
    value: unknown,
    body: Uint8Array,
  ): ValueOrPromise<void> {
    const { authorize } = this.#options;
    const { operation } = accepted.endpoint;
    return andThen(operation.request.validate(value), (checked) => {
      if (checked.issues !== undefined) throw validationError("INVALID_REQUEST", operation.name, checked.issues);
      const { actor } = running;
      const allowed = authorize === undefined || authorize({ operation: operation.name, data: checked.value, actor });
      return andThen(allowed, (may) => {
        if (!may) throw forbidden(operation);
        return running.idempotencyKey === undefined
          ? this.#handle(accepted, checked.value, running)
          : this.#handleOnce(accepted, checked.value, running, bodyFingerprint(body));
      });
    });
  }

  /** The first arrival of a request with an id is handled; the others get its answer, or wait for it. */
  #handleOnce(
    accepted: AcceptedRequest,
    data: unknown,
    running: RunningRequest,
    fingerprint: number,
  ): ValueOrPromise<void> {
    const { remembered, answers, onRepeat } = this.#options;
    const { name } = accepted.endpoint.operation;
    // Neither the name nor a header's value holds a line break.
    const key = `${name}\n${running.requestId}\n${running.actor.id}`;
    const first = remembered.find(key);
    if (first === undefined) return this.#handleFirst(accepted, data, running, remembered.begin(key, fingerprint));
    if (first.fingerprint !== fingerprint) {
      throw new MessagingError(
        "INVALID_REQUEST",
        `Request "${name}" was not taken: its id came with other input before`,
        { operation: name },
      );
    }
    if (first.answer !== undefined) return answers.repeat(accepted, first.answer);
    if (first.waiting >= maximumRepeats) {
      const text = `Request "${name}" was not taken: ${maximumRepeats} others wait for its answer already`;
      throw new MessagingError("BUSY", text, { operation: name, retryAfterMs: repeatAfterMs });
    }
    onRepeat(accepted, this.#repeat(accepted, data, running, first));
  }

  #handleFirst(
    accepted: AcceptedRequest,
    data: unknown,
    running: RunningRequest,
    own: RememberedRequest,
  ): ValueOrPromise<void> {
    accepted.remembered = own;
    // Without an outcome that is worth keeping, the next arrival is handled anew.
    return lastly(() => this.#handle(accepted, data, running), () => own.settle(undefined));
  }

  /** Waits for the answer to an earlier arrival; where that comes to nothing, one of those who wait is handled. */
  async #repeat(
    accepted: AcceptedRequest,
    data: unknown,
    running: RunningRequest,
    first: RememberedRequest,
  ): Promise<void> {
    const { remembered, answers } = this.#options;
    const { key, fingerprint } = first;
    for (let earlier: RememberedRequest | undefined = first; earlier !== undefined; earlier = remembered.find(key)) {
      const answer = await earlier.whenSettled(running.signal);
      if (accepted.answered) return;
      if (running.endedBecause !== undefined) throw running.endedBecause;
      if (answer !== undefined) return answers.repeat(accepted, answer);
    }
    await this.#handleFirst(accepted, data, running, remembered.begin(key, fingerprint));
  }

  #handle(accepted: AcceptedRequest, data: unknown, running: RunningRequest): ValueOrPromise<void> {
    if (accepted.answered) return;
    const { operation, handler } = accepted.endpoint;
    const { middleware } = this.#options;
    const failed = (thrown: unknown): Promise<void> => this.#answerThrown(accepted, running, thrown);
    try {
      const result = middleware.length === 0 ? handler(data, running) : runMiddleware(
        middleware,
        { kind: "request", operation: operation.name, data, context: running },
        async (call) => await handler(call.data, running),
      );
      return isPromise(result)
        ? result.then((value) => this.#answerResult(accepted, value), failed)
        : this.#answerResult(accepted, result);
    } catch (thrown) {
      return failed(thrown);
    }
  }

  async #answerThrown(accepted: AcceptedRequest, running: RunningRequest, thrown: unknown): Promise<void> {
    const { answers, clock } = this.#options;
    const { endedBecause } = running;
    if (isMessagingError(endedBecause)) answers.sendError(accepted, endedBecause);
    // A nested request inherits this deadline, and its timer may be the first to fire.
    const leftMs = running.expiresAt - clock.now();
    if (isMessagingError(thrown, "TIMEOUT") && leftMs < timerSpreadMs) running.expire();
    const declared = await declaredError(accepted.endpoint.operation, thrown);
    if (declared !== undefined) return answers.sendDeclared(accepted, declared);
    if (!accepted.answered) answers.sendFailure(accepted, "its handler failed", thrown);
  }

  #answerResult(accepted: AcceptedRequest, result: unknown): ValueOrPromise<void> {
    // Nobody waits for it, here or later.
    if (accepted.answered && accepted.remembered === undefined) return;
    const { answers, contract } = this.#options;
    const { operation } = accepted.endpoint;
    return andThen(operation.response.validate(result), (checked) => {
      if (checked.issues !== undefined) {
        const reasons = checked.issues.map(({ message }) => message);
        return answers.sendUntellable(accepted, "does not fit the contract", reasons);
      }
      let body: Uint8Array;
      try {
        body = encodeBody(result);
      } catch (error) {
        return answers.sendUntellable(accepted, "cannot be written as JSON", error);
      }
      // A result that looks like a stream's acknowledgement says whose it is; the stream's has no headers.
      const { name, version } = contract;
      const looksStored = acknowledgingStream(MessageHeaders.empty, result) !== undefined;
      const headers = looksStored
        ? MessageHeaders.fromTrusted([[headerNames.contract, `${name}@${version}`]])
        : MessageHeaders.empty;
      answers.send(accepted, body, headers);
    });
  }

  #begin(accepted: AcceptedRequest, headers: MessageHeaders): RunningRequest {
    const { clock, answers } = this.#options;
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
        answers.sendError(accepted, late);
      },
    });
    accepted.running = running;
    if (running.expiresAt <= clock.now()) throw lateError(operation.name, timeoutMs);
    return running;
  }
}

/** Runs something at its end, however it ends. */
function lastly(run: () => ValueOrPromise<void>, end: () => void): ValueOrPromise<void> {
  let outcome: ValueOrPromise<void>;
  try {
    outcome = run();
  } catch (error) {
    end();
    throw error;
  }
  if (isPromise(outcome)) return Promise.resolve(outcome).finally(end);
  end();
}

function checkContentType(headers: MessageHeaders): void {
  const type = headers.get(headerNames.contentType);
  if (type === undefined || /^application\/(?:[\w.+-]+\+)?json\b/i.test(type)) return;
  throw new MessagingError("MALFORMED_MESSAGE", "Cannot read a message: its Content-Type is not JSON");
}

function lateError(operation: string, timeoutMs: number): MessagingError {
  return new MessagingError("TIMEOUT", `Request "${operation}" was not done within ${timeoutMs} ms`, { operation });
}
