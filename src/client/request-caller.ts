import type { RequestSigner } from "../contract/actor.ts";
import type { RequestOperation } from "../contract/contract.ts";
import { type Middleware, runMiddleware } from "../contract/operation-call.ts";
import type { ContractSubjects } from "../contract/subjects.ts";
import { isPromise, type ValueOrPromise } from "../contract/value-or-promise.ts";
import type { StandardIssue } from "../contract/standard-schema.ts";
import { validationError } from "../contract/validator.ts";
import { isMessagingError, MessagingError } from "../errors/messaging-error.ts";
import { BodyEncoder } from "../message/body-encoder.ts";
import { headerNames } from "../message/header-names.ts";
import { MessageHeaders } from "../message/message-headers.ts";
import { OutgoingContext } from "../message/outgoing-context.ts";
import type { PayloadEncryption } from "../message/payload-encryption.ts";
import { AbortListeners } from "../transport/abort-listeners.ts";
import type { Clock } from "../transport/clock.ts";
import { DeadlineWheel } from "../transport/deadline-wheel.ts";
import { createIdentifierSource, type IdentifierSource, requestIdLength } from "../transport/identifiers.ts";
import type { TransportConnection } from "../transport/transport.ts";
import { AnswerReaders } from "./answer-readers.ts";
import type { ClientCallContext, ParentCall, RequestOptions } from "./client-options.ts";
import { notSent } from "./not-sent.ts";
import { sealRequest } from "./payload-protection.ts";
import { type HeaderEntries, requestHeaders } from "./request-headers.ts";
import {
  type RequestAttempt,
  type RetriedCall,
  RetriedRequest,
  type RetriedRequestOptions,
} from "./retried-request.ts";
import type { RetryPolicy } from "./retry-policy.ts";

/** What a request caller is made of. */
export interface RequestCallerOptions {
  /** The contract's subjects. */
  readonly subjects: ContractSubjects;
  /** The connection now. @throws {MessagingError} `DISCONNECTED` where there is none */
  readonly connection: () => TransportConnection;
  /** Whether what is sent now leaves now. */
  readonly isConnected: () => boolean;
  /** Aborts when the client leaves the connection that it has now. */
  readonly leaving: () => AbortSignal;
  /** A bearer token for every request. */
  readonly token: string | (() => string | Promise<string>) | undefined;
  /** Signs every request. */
  readonly signer: RequestSigner | undefined;
  /** Encrypts bodies. */
  readonly encryption: PayloadEncryption | undefined;
  /** The deadline where neither the call nor the contract gives one. */
  readonly timeoutMs: number;
  /** When an idempotent request is sent again. */
  readonly retry: RetryPolicy;
  /** Wraps every request. */
  readonly middleware: readonly Middleware<ClientCallContext>[];
  /** Time and randomness. */
  readonly clock: Clock;
}

/** Sends requests: checks, encodes, waits, decodes, checks. */
export class RequestCaller {
  readonly #options: RequestCallerOptions;
  readonly #identifiers: IdentifierSource;
  readonly #bodies = new BodyEncoder();
  readonly #answers: AnswerReaders;
  readonly #retries: RetriedRequestOptions<IdempotentCall>;

  /** For one client. */
  constructor(options: RequestCallerOptions) {
    this.#options = options;
    this.#identifiers = createIdentifierSource(options.clock);
    this.#answers = new AnswerReaders(options.subjects, options.encryption);
    this.#retries = {
      policy: options.retry,
      clock: options.clock,
      wheel: new DeadlineWheel(options.clock),
      aborts: new AbortListeners(),
      identifiers: this.#identifiers,
      isConnected: options.isConnected,
      send: (call, attempt) => this.#sendAttempt(call, attempt),
      cancel: (token) => this.#cancel(token),
    };
  }

  /** Sends one request and gives its output. Where nothing on the way is asynchronous it makes one promise. */
  call(operation: RequestOperation, input: unknown, options: RequestOptions): Promise<unknown> {
    try {
      const { token, clock } = this.#options;
      const timeoutMs = this.#timeoutMs(operation, options);
      const deadline = clock.now() + timeoutMs;
      const headers = requestHeaders({ operation, options, timeoutMs, deadline, token, clock });
      return isPromise(headers)
        ? this.#callLater(operation, input, options, headers, deadline)
        : settled(this.#prepare(operation, input, options, headers, deadline));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  // Closures of what is asynchronous stand apart throughout: a function with one in it makes a context at every call.
  async #callLater(
    operation: RequestOperation,
    input: unknown,
    options: RequestOptions,
    headers: PromiseLike<HeaderEntries>,
    deadline: number,
  ): Promise<unknown> {
    return await this.#prepare(operation, input, options, await headers, deadline);
  }

  #prepare(
    operation: RequestOperation,
    input: unknown,
    options: RequestOptions,
    headers: HeaderEntries,
    deadline: number,
  ): ValueOrPromise<unknown> {
    const { middleware, subjects } = this.#options;
    const subject = subjects.of(operation.subject);
    const signal = joinSignals(options.signal, options.parent?.signal);
    const { idempotencyKey } = options;
    const call: PreparedCall = { operation, subject, headers, deadline, signal, idempotencyKey };
    return middleware.length === 0 ? this.#send(call, input) : this.#throughMiddleware(call, input, options.parent);
  }

  #throughMiddleware(call: PreparedCall, input: unknown, parent: ParentCall | undefined): Promise<unknown> {
    const { operation, subject, headers } = call;
    const context = new OutgoingContext<ParentCall | undefined>(subject, MessageHeaders.fromTrusted(headers), parent);
    context.attempts = 0;
    return runMiddleware<ClientCallContext>(
      this.#options.middleware,
      { kind: "request", action: "send", operation: operation.name, destination: subject, data: input, context },
      ({ data }) => settled(this.#send({ ...call, headers: [...context.headers], context }, data)),
    );
  }

  #send(call: PreparedCall, input: unknown): ValueOrPromise<unknown> {
    const checked = call.operation.request.validate(input);
    return checked instanceof Promise
      ? checked.then(({ issues }) => this.#sendChecked(call, input, issues))
      : this.#sendChecked(call, input, checked.issues);
  }

  #sendChecked(call: PreparedCall, input: unknown, issues: readonly StandardIssue[] | undefined): Promise<unknown> {
    const { operation, subject, headers, idempotencyKey } = call;
    if (issues !== undefined) throw validationError("INVALID_REQUEST", operation.name, issues);
    const body = this.#encode(operation.name, input);
    const requestId = this.#identifiers.next(requestIdLength);
    if (operation.idempotent && this.#options.retry.attempts > 1) {
      return this.#sendUntilAnswered(call, body, requestId);
    }
    return this.#transmit(call, { subject, requestId: idempotencyKey ?? requestId, body, headers }, requestId);
  }

  #sendUntilAnswered(call: PreparedCall, body: Uint8Array, requestId: string): Promise<unknown> {
    const { deadline, signal, idempotencyKey } = call;
    // Each attempt waits under a reply subject of its own; the first tells its id too, so that a service knows the others.
    const headers = idempotencyKey === undefined
      ? [...call.headers, [headerNames.requestId, requestId] as const]
      : call.headers;
    const leaving = this.#options.leaving();
    const timeoutMs = deadline - this.#options.clock.now();
    const retried = { call, body, headers, requestId, timeoutMs, deadline, signal, leaving };
    return new RetriedRequest(this.#retries, retried).run();
  }

  #sendAttempt(retried: IdempotentCall, { token, leftMs }: RequestAttempt): Promise<unknown> {
    const { call, body, requestId } = retried;
    const headers = leftMs === undefined ? retried.headers : withTimeout(retried.headers, leftMs);
    const message = { subject: call.subject, requestId: call.idempotencyKey ?? requestId, body, headers };
    try {
      return this.#transmit(call, message, token);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #transmit(call: PreparedCall, message: OutgoingRequest, token: string): Promise<unknown> {
    const { encryption, signer } = this.#options;
    return encryption === undefined && signer === undefined
      ? this.#exchange(call, message, token)
      : this.#sealAndSign(message).then((ready) => this.#exchange(call, ready, token));
  }

  #exchange(call: PreparedCall, message: OutgoingRequest, token: string): Promise<unknown> {
    const { clock, connection } = this.#options;
    const { operation, signal } = call;
    const { subject, body, headers, requestId } = message;
    const live = connection();
    if (call.context?.attempts !== undefined) call.context.attempts += 1;
    const output = live.request(subject, body, {
      requestId: token,
      timeoutMs: Math.max(0, call.deadline - clock.now()),
      operation: operation.name,
      headers: headers.length === 0 ? undefined : MessageHeaders.fromTrusted(headers),
      signal,
      read: this.#answers.reader(operation, subject, requestId),
    });
    return signal === undefined ? output : this.#cancelling(output, signal, token);
  }

  async #cancelling(output: Promise<unknown>, signal: AbortSignal, token: string): Promise<unknown> {
    try {
      return await output;
    } catch (error) {
      if (isMessagingError(error, "CANCELLED") && error.execution === "unknown" && signal.aborted) {
        this.#cancel(token);
      }
      throw error;
    }
  }

  /** Encrypts, then signs what travels. */
  async #sealAndSign({ subject, requestId, body, headers }: OutgoingRequest): Promise<OutgoingRequest> {
    const { encryption, signer, subjects } = this.#options;
    if (encryption !== undefined) {
      const sealed = await sealRequest(encryption, subjects.relative(subject), requestId, body);
      headers = [...headers, [headerNames.encryption, sealed.header]];
      body = sealed.body;
    }
    if (signer !== undefined) {
      headers = [...headers, [headerNames.signature, await signer.sign({ subject, requestId, body })]];
    }
    return { subject, requestId, body, headers };
  }

  #encode(operation: string, input: unknown): Uint8Array {
    try {
      return this.#bodies.encode(input);
    } catch (cause) {
      throw notSent(operation, `it cannot be written as JSON: ${(cause as Error).message}`);
    }
  }

  #cancel(replyToken: string): void {
    try {
      this.#options.connection().send(this.#options.subjects.cancel(replyToken), new Uint8Array(0));
    } catch {
      // The connection is gone, and with it the answer: the server's own deadline ends the work.
    }
  }

  #timeoutMs(operation: RequestOperation, { timeoutMs, parent }: RequestOptions): number {
    const own = timeoutMs ?? operation.timeoutMs ?? this.#options.timeoutMs;
    if (!(Number.isFinite(own) && own > 0)) {
      throw notSent(operation.name, `timeoutMs is ${String(own)}: a number over 0 is wanted`);
    }
    if (parent === undefined) return own;
    const left = parent.deadline - this.#options.clock.date();
    if (left <= 0) {
      throw new MessagingError(
        "TIMEOUT",
        `Request "${operation.name}" was not sent: the deadline of the call it is made for has passed`,
        {
          operation: operation.name,
          execution: "not-executed",
        },
      );
    }
    return Math.min(own, left);
  }
}

interface OutgoingRequest {
  readonly subject: string;
  readonly requestId: string;
  readonly body: Uint8Array;
  readonly headers: HeaderEntries;
}

interface PreparedCall {
  readonly operation: RequestOperation;
  readonly subject: string;
  readonly headers: HeaderEntries;
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
  readonly idempotencyKey: string | undefined;
  /** What middleware sees of it; not there at all where there is no middleware. */
  readonly context?: OutgoingContext<ParentCall | undefined>;
}

interface IdempotentCall extends RetriedCall {
  readonly call: PreparedCall;
  readonly body: Uint8Array;
  readonly headers: HeaderEntries;
}

function settled(value: ValueOrPromise<unknown>): Promise<unknown> {
  return value instanceof Promise ? value : Promise.resolve(value);
}

/** Says what is left of a request's time, as a later attempt of it must. */
function withTimeout(headers: HeaderEntries, leftMs: number): HeaderEntries {
  const others = headers.filter(([name]) => name !== headerNames.timeout);
  return [...others, [headerNames.timeout, String(Math.max(1, Math.floor(leftMs)))]];
}

function joinSignals(own: AbortSignal | undefined, parent: AbortSignal | undefined): AbortSignal | undefined {
  if (own === undefined || parent === undefined) return own ?? parent;
  return AbortSignal.any([own, parent]);
}
