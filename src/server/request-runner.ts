import { anonymousActor, checkAccess, forbidden } from "../contract/access-check.ts";
import type { Authenticate, VerifiedActor } from "../contract/actor.ts";
import type { Authorize } from "../contract/authorize.ts";
import { defaultTimeoutMs } from "../contract/default-timeout.ts";
import type { StandardResult } from "../contract/standard-schema.ts";
import { andThen, isPromise, lastly, type ValueOrPromise } from "../contract/value-or-promise.ts";
import { validationError } from "../contract/validator.ts";
import { MessagingError } from "../errors/messaging-error.ts";
import { explainCredentials } from "../logging/explain-credentials.ts";
import type { Logger } from "../logging/logger.ts";
import { decodeHeaderBlock } from "../message/header-block.ts";
import { headerNames } from "../message/header-names.ts";
import { decodeBody } from "../message/json-codec.ts";
import { MessageHeaders } from "../message/message-headers.ts";
import type { PayloadEncryption } from "../message/payload-encryption.ts";
import type { AcceptedRequest } from "./accepted-request.ts";
import { bodyFingerprint } from "./body-fingerprint.ts";
import { credentialsOf } from "./caller-credentials.ts";
import { HandlerRunner, type HandlerRunnerOptions } from "./handler-runner.ts";
import type { RememberedRequest, RememberedRequests } from "./remembered-requests.ts";
import { RunningRequest } from "./running-request.ts";

/** An hour: what a caller asks beyond is not believed. */
const maximumTimeoutMs = 3_600_000;

/** How many later arrivals of one request wait for its answer at most. */
const maximumRepeats = 16;
const repeatAfterMs = 100;

/** What a request runner is made of. */
export interface RequestRunnerOptions extends HandlerRunnerOptions {
  /** Verifies callers. */
  readonly authenticate: Authenticate | undefined;
  /** Decides what depends on data. */
  readonly authorize: Authorize | undefined;
  /** Encrypts bodies. */
  readonly encryption: PayloadEncryption | undefined;
  /** Hears what callers are not told. */
  readonly logger: Logger;
  /** A subject without the namespace. */
  readonly relativeSubject: (subject: string) => string;
  /** What came before under the same id. */
  readonly remembered: RememberedRequests;
  /** A request only waits for another one's answer: it is at work no longer, and ends with this. */
  readonly onRepeat: (accepted: AcceptedRequest, answered: Promise<void>) => void;
}

/** Takes a request through all that it needs: verifies, opens, checks, handles, checks, answers. */
export class RequestRunner {
  readonly #options: RequestRunnerOptions;
  readonly #handlers: HandlerRunner;
  readonly #anonymous: VerifiedActor;
  readonly #explain: (operation: string, reason: string) => void;
  /** One for all: most requests are answered long before. */
  readonly #onExpire = (running: RunningRequest, accepted: AcceptedRequest): void => {
    const late = lateError(running.operation, running.timeoutMs);
    running.abort(late);
    this.#options.answers.sendError(accepted, late);
  };

  /** For one server. */
  constructor(options: RequestRunnerOptions) {
    this.#options = options;
    this.#handlers = new HandlerRunner(options);
    this.#explain = explainCredentials(options.logger);
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
    return andThen(
      checkAccess({ contract, operation, credentials, call, authenticate, explain: this.#explain }),
      (actor) => {
        running.actor = actor;
        if (encryption === undefined) return this.#check(accepted, running, early, body);
        const opening = this.#open(encryption, running, body);
        return opening.then((opened) => this.#check(accepted, running, decodeBody(opened), opened));
      },
    );
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
      ? this.#handlers.run(accepted, data, running)
      : this.#handleOnce(accepted, data, running, bodyFingerprint(body));
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
    return lastly(() => this.#handlers.run(accepted, data, running), () => own.settle(undefined));
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
