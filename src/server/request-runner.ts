import { anonymousActor, checkAccess, forbidden } from "../contract/access-check.ts";
import type { Authenticate, VerifiedActor } from "../contract/actor.ts";
import type { Authorize } from "../contract/authorize.ts";
import type { Contract } from "../contract/contract.ts";
import { defaultTimeoutMs } from "../contract/default-timeout.ts";
import { type Middleware, runMiddleware } from "../contract/operation-call.ts";
import type { StandardIssue, StandardResult } from "../contract/standard-schema.ts";
import { andThen, isPromise, lastly, type ValueOrPromise } from "../contract/value-or-promise.ts";
import { validationError } from "../contract/validator.ts";
import { isMessagingError, MessagingError } from "../errors/messaging-error.ts";
import { BodyEncoder } from "../message/body-encoder.ts";
import { decodeHeaderBlock } from "../message/header-block.ts";
import { headerNames } from "../message/header-names.ts";
import { decodeBody } from "../message/json-codec.ts";
import { MessageHeaders } from "../message/message-headers.ts";
import type { PayloadEncryption } from "../message/payload-encryption.ts";
import { acknowledgingStream } from "../message/stored-acknowledgement.ts";
import type { Clock } from "../transport/clock.ts";
import type { AcceptedRequest } from "./accepted-request.ts";
import { bodyFingerprint } from "./body-fingerprint.ts";
import { credentialsOf } from "./caller-credentials.ts";
import { declaredError } from "./declared-error.ts";
import type { RememberedRequests } from "./remembered-requests.ts";
import type { RequestAnswers } from "./request-answers.ts";
import { RunningRequest } from "./running-request.ts";
import type { ServerCallContext } from "./server-options.ts";

/** An hour: what a caller asks beyond is not believed. */
const maximumTimeoutMs = 3_600_000;
/** Two timers of one deadline fire within this time: a tick of the wheel each, and a clock of whole milliseconds. */
const timerSpreadMs = 25;

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
}

/** Takes a request through all that it needs: verifies, opens, checks, handles, checks, answers. */
export class RequestRunner {
  readonly #options: RequestRunnerOptions;
  readonly #bodies = new BodyEncoder();
  readonly #anonymous: VerifiedActor;
  /** One for all: most requests are answered long before. */
  readonly #onExpire = (running: RunningRequest, accepted: AcceptedRequest): void => {
    const late = lateError(running.operation, running.timeoutMs);
    running.abort(late);
    this.#options.answers.sendError(accepted, late);
  };

  /** For one server. */
  constructor(options: RequestRunnerOptions) {
    this.#options = options;
    this.#anonymous = Object.freeze(anonymousActor(options.contract));
  }

  /** Answers a request. @throws {MessagingError} what its caller is to hear, where it did not come to its handler */
  run(accepted: AcceptedRequest): ValueOrPromise<void> {
    const { message, endpoint: { operation } } = accepted;
    const { headerBlock, body } = message;
    const headers = headerBlock === undefined ? MessageHeaders.empty : decodeHeaderBlock(headerBlock).headers;
    const running = this.#begin(accepted, headers);
    const isPlain = headers.size === 0 && this.#options.encryption === undefined;
    if (!isPlain || operation.access !== "public") return this.#verify(accepted, running);
    // Nobody is shown and nobody has to be: what `checkAccess` would say.
    running.actor = this.#anonymous;
    return this.#check(accepted, running, decodeBody(body), body);
  }

  // Closures of what may be asynchronous stand apart throughout: a function with one in it makes a context at every call.
  #verify(accepted: AcceptedRequest, running: RunningRequest): ValueOrPromise<void> {
    const { contract, authenticate, encryption } = this.#options;
    const { message, endpoint: { operation } } = accepted;
    const { headers, subject, requestId } = running;
    checkContentType(headers);
    // The body is read or copied before anything is awaited: the message's bytes are the socket's.
    const hasId = running.idempotencyKey !== undefined;
    const kept = encryption !== undefined || hasId || headers.has(headerNames.signature);
    const body = kept ? message.body.slice() : message.body;
    const early = encryption === undefined ? decodeBody(body) : undefined;
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
    const checked = accepted.endpoint.operation.request.validate(value);
    return isPromise(checked)
      ? checked.then((result) => this.#authorize(accepted, running, result, body))
      : this.#authorize(accepted, running, checked, body);
  }

  #authorize(
    accepted: AcceptedRequest,
    running: RunningRequest,
    checked: StandardResult<unknown>,
    body: Uint8Array,
  ): ValueOrPromise<void> {
    const { authorize, contract: { name: contract } } = this.#options;
    const { name: operation } = accepted.endpoint.operation;
    if (checked.issues !== undefined) throw validationError("INVALID_REQUEST", operation, checked.issues);
    const { value } = checked;
    if (authorize === undefined) return this.#dispatch(accepted, value, running, body);
    const allowed = authorize({ contract, operation, data: value, actor: running.actor });
    return this.#dispatchWhere(allowed, accepted, value, running, body);
  }

  #dispatchWhere(
    allowed: ValueOrPromise<boolean>,
    accepted: AcceptedRequest,
    data: unknown,
    running: RunningRequest,
    body: Uint8Array,
  ): ValueOrPromise<void> {
    return andThen(allowed, (may) => {
      if (!may) throw forbidden(accepted.endpoint.operation);
      return this.#dispatch(accepted, data, running, body);
    });
  }

  #dispatch(
    accepted: AcceptedRequest,
    data: unknown,
    running: RunningRequest,
    body: Uint8Array,
  ): ValueOrPromise<void> {
    return running.idempotencyKey === undefined
      ? this.#handle(accepted, data, running)
      : this.#handleOnce(accepted, data, running, bodyFingerprint(body));
  }

  /** The first arrival of a request with an id is handled; the others get its answer, or wait for it. */
  #handleOnce(
    accepted: AcceptedRequest,
    data: unknown,
    running: RunningRequest,
    fingerprint: number,
  ): ValueOrPromise<void> {
    const { remembered, answers } = this.#options;
    const { name } = accepted.endpoint.operation;
    // Neither the name nor a header's value holds a line break.
    const key = `${name}\n${running.requestId}\n${running.actor.id}`;
    const first = remembered.find(key);
    if (first === undefined) {
      const own = accepted.remembered = remembered.begin(key, fingerprint);
      // Without an outcome that is worth keeping, the next arrival is handled anew.
      return lastly(() => this.#handle(accepted, data, running), () => own.settle(undefined));
    }
    if (first.fingerprint !== fingerprint) {
      throw new MessagingError(
        "INVALID_REQUEST",
        `Request "${name}" was not taken: its id came with other input before`,
        { operation: name },
      );
    }
    if (first.answer !== undefined) return answers.repeat(accepted, first.answer);
    return first.whenSettled(running.signal).then((answer) => {
      if (accepted.answered) return;
      if (running.endedBecause !== undefined) throw running.endedBecause;
      return answer === undefined
        ? this.#handleOnce(accepted, data, running, fingerprint)
        : answers.repeat(accepted, answer);
    });
  }

  #handle(accepted: AcceptedRequest, data: unknown, running: RunningRequest): ValueOrPromise<void> {
    if (accepted.answered) return;
    try {
      const result = this.#options.middleware.length === 0
        ? accepted.endpoint.handler(data, running)
        : this.#throughMiddleware(accepted, data, running);
      return isPromise(result) ? this.#answerLater(accepted, running, result) : this.#answerResult(accepted, result);
    } catch (thrown) {
      return this.#answerThrown(accepted, running, thrown);
    }
  }

  #throughMiddleware(accepted: AcceptedRequest, data: unknown, running: RunningRequest): Promise<unknown> {
    const { operation, handler } = accepted.endpoint;
    return runMiddleware(
      this.#options.middleware,
      { kind: "request", operation: operation.name, data, context: running },
      async (call) => await handler(call.data, running),
    );
  }

  #answerLater(accepted: AcceptedRequest, running: RunningRequest, result: PromiseLike<unknown>): PromiseLike<void> {
    return result.then(
      (value) => this.#answerResult(accepted, value),
      (thrown) => this.#answerThrown(accepted, running, thrown),
    );
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
    const checked = accepted.endpoint.operation.response.validate(result);
    return isPromise(checked)
      ? checked.then(({ issues }) => this.#answerChecked(accepted, result, issues))
      : this.#answerChecked(accepted, result, checked.issues);
  }

  #answerChecked(
    accepted: AcceptedRequest,
    result: unknown,
    issues: readonly StandardIssue[] | undefined,
  ): void {
    const { answers, contract } = this.#options;
    if (issues !== undefined) {
      const reasons = issues.map(({ message }) => message);
      return answers.sendUntellable(accepted, "does not fit the contract", reasons);
    }
    let body: Uint8Array;
    try {
      body = this.#bodies.encode(result);
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
  }

  #begin(accepted: AcceptedRequest, headers: MessageHeaders): RunningRequest {
    const { clock } = this.#options;
    const { operation } = accepted.endpoint;
    const given = Number(headers.get(headerNames.timeout));
    const timeoutMs = Math.min(given > 0 ? given : operation.timeoutMs ?? defaultTimeoutMs, maximumTimeoutMs);
    const running = new RunningRequest({ accepted, headers, timeoutMs, clock, onExpire: this.#onExpire });
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

function lateError(operation: string, timeoutMs: number): MessagingError {
  return new MessagingError("TIMEOUT", `Request "${operation}" was not done within ${timeoutMs} ms`, { operation });
}
