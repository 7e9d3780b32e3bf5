import type { VerifiedActor } from "../contract/actor.ts";
import type { RequestOperation } from "../contract/contract.ts";
import { MessagingError } from "../errors/messaging-error.ts";
import { headerNames } from "../message/header-names.ts";
import type { MessageHeaders } from "../message/message-headers.ts";
import type { Clock } from "../transport/clock.ts";
import type { Deadline } from "../transport/deadline-wheel.ts";
import type { HandlerContext } from "./server-options.ts";

const noParams: Readonly<Record<string, string>> = Object.freeze({});

/** Until somebody is verified. */
const nobody: VerifiedActor = Object.freeze({ id: "nobody", roles: Object.freeze([]), can: () => false });

/** As much of a taken request as its running needs. */
export interface TakenRequest {
  /** What it asks for. */
  readonly endpoint: { readonly operation: RequestOperation };
  /** Where it was sent. */
  readonly message: { readonly subject: string };
  /** Where its answer goes; the last token is what its caller names it by. */
  readonly replySubject: string;
  /** On the clock's scale. */
  readonly arrivedAt: number;
}

/** What a running request is made of. */
export interface RunningRequestOptions {
  /** As it was taken. */
  readonly accepted: TakenRequest;
  /** What came with it. */
  readonly headers: MessageHeaders;
  /** How long it may take from its arrival, in milliseconds. */
  readonly timeoutMs: number;
  /** Time. */
  readonly clock: Clock;
  /** The deadline has passed; `accepted` is the one above. */
  onExpire(running: RunningRequest, accepted: TakenRequest): void;
}

/** A request while it is served; its handler sees it as the context. */
export class RunningRequest implements Deadline, Omit<HandlerContext, "error"> {
  /** Its deadline on the clock's scale. */
  readonly expiresAt: number;
  /** Who asks. */
  actor: VerifiedActor = nobody;
  "~next": Deadline | undefined = undefined;
  "~previous": Deadline | undefined = undefined;
  readonly #options: RunningRequestOptions;
  #abort: AbortController | undefined;
  #reason: Error | undefined;

  /** Not yet run. */
  constructor(options: RunningRequestOptions) {
    this.#options = options;
    this.expiresAt = options.accepted.arrivedAt + options.timeoutMs;
  }

  /** The request's name. */
  get operation(): string {
    return this.#options.accepted.endpoint.operation.name;
  }

  /** How long it may take from its arrival, in milliseconds. */
  get timeoutMs(): number {
    return this.#options.timeoutMs;
  }

  /** The request's id. */
  get requestId(): string {
    return this.idempotencyKey ?? this.replyToken;
  }

  /** What its caller names it by to cancel it. */
  get replyToken(): string {
    return replyTokenOf(this.#options.accepted);
  }

  /** Where it was sent. */
  get subject(): string {
    return this.#options.accepted.message.subject;
  }

  /** Requests have none. */
  get params(): Readonly<Record<string, string>> {
    return noParams;
  }

  /** What came with it. */
  get headers(): MessageHeaders {
    return this.#options.headers;
  }

  /** Since 1970, for the handler. */
  get deadline(): number {
    const { clock } = this.#options;
    return clock.date() + (this.expiresAt - clock.now());
  }

  /** The caller's name for this work. */
  get idempotencyKey(): string | undefined {
    return this.headers.get(headerNames.requestId);
  }

  /** The caller's trace. */
  get traceparent(): string | undefined {
    return this.headers.get(headerNames.traceparent);
  }

  /** Made when a handler asks for it: most never do. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#reason !== undefined) this.#abort.abort(this.#reason);
    }
    return this.#abort.signal;
  }

  /** Why it was ended early; absent where it was not. */
  get endedBecause(): Error | undefined {
    return this.#reason;
  }

  /** Ends it early. */
  abort(reason: Error): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#abort?.abort(reason);
  }

  /** Its deadline has passed. */
  expire(): void {
    this.#options.onExpire(this, this.#options.accepted);
  }

  /** Makes one of the request's own errors; the function may be taken out of the context. */
  get error(): (code: string, data?: unknown, message?: string) => MessagingError {
    return (code, data, message) => declaredByContract(this.#options.accepted.endpoint.operation, code, data, message);
  }
}

/** The last token of a request's reply subject: nobody but its caller can name it. */
export function replyTokenOf({ replySubject }: Pick<TakenRequest, "replySubject">): string {
  return replySubject.slice(replySubject.lastIndexOf(".") + 1);
}

function declaredByContract(
  operation: RequestOperation,
  code: string,
  data: unknown,
  message: string | undefined,
): MessagingError {
  const definition = operation.errors.get(code);
  if (definition === undefined) {
    const known = [...operation.errors.keys()].join(", ") || "none";
    throw new TypeError(`Request "${operation.name}" has no error "${code}" in its contract: it has ${known}`);
  }
  return new MessagingError(code, message ?? definition.message, {
    data,
    status: definition.status,
    retryable: definition.retryable,
    operation: operation.name,
  });
}
