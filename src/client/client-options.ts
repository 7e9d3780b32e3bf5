import type { RequestSigner } from "../contract/actor.ts";
import type { Contract } from "../contract/contract.ts";
import type { EventName, InferContract, InferEvent } from "../contract/infer.ts";
import type { Middleware } from "../contract/operation-call.ts";
import type { MessagingError } from "../errors/messaging-error.ts";
import type { Logger } from "../logging/logger.ts";
import type { MessageHeaders } from "../message/message-headers.ts";
import type { PayloadEncryption } from "../message/payload-encryption.ts";
import type { Clock } from "../transport/clock.ts";
import type { GapReason, Transport } from "../transport/transport.ts";
import type { ContractCheck } from "./contract-check.ts";

/**
 * Options of `createMessagingClient`.
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract, MemoryTransport, type MessagingClientOptions } from "@magicbutton/messaging";
 *
 * const clock = createContract({ name: "clock", version: "1.0.0", events: { ticked: v.object({ at: v.number() }) } });
 * const options: MessagingClientOptions<typeof clock> = {
 *   contract: clock,
 *   transport: new MemoryTransport(),
 *   token: () => sessionStorage.getItem("token") ?? "",
 *   timeoutMs: 2_000,
 * };
 * ```
 */
export interface MessagingClientOptions<C extends Contract> {
  /** What may be asked and heard. */
  readonly contract: C;
  /** How messages travel; may be shared with other clients and servers. */
  readonly transport: Transport;
  /** A bearer token for every request, and for subscriptions by the gateway; a function is asked each time. @default none */
  readonly token?: string | (() => string | Promise<string>);
  /** Signs every request, so that the server knows who sent it without a token. @default none */
  readonly signer?: RequestSigner;
  /** Encrypts bodies between clients and servers. @default none */
  readonly encryption?: PayloadEncryption;
  /** The deadline of a request, in milliseconds, where neither the call nor the contract gives one. @default 5000 */
  readonly timeoutMs?: number;
  /**
   * How requests that the contract calls idempotent are sent again when they fail for a passing reason, inside their
   * deadline; no other request is ever sent twice. @default up to 5 attempts
   */
  readonly retry?: RetryOptions;
  /** Puts a deployment's tokens in front of every subject. @default none */
  readonly namespace?: string;
  /** Wraps every request and every event handler, the first outermost. @default none */
  readonly middleware?: readonly Middleware<ClientCallContext>[];
  /**
   * Looks, while connecting, whether the contract that servers have lets this client down: `createContractCheck` of
   * `@magicbutton/messaging/describe` warns or refuses. @default nothing is asked
   */
  readonly contractCheck?: ContractCheck;
  /** Hears what is lost or refused. @default silent */
  readonly logger?: Logger;
  /** Time and randomness. @default the runtime's */
  readonly clock?: Clock;
}

/**
 * How an idempotent request is tried again.
 *
 * @example
 * ```ts
 * import type { RetryOptions } from "@magicbutton/messaging";
 *
 * const retry: RetryOptions = { attempts: 3, attemptTimeoutMs: 500 };
 * ```
 */
export interface RetryOptions {
  /**
   * How often it is sent at most, the first time included: 1 to 10. An attempt that never left does not count; those that
   * found nobody to serve them count by themselves, in a row. @default 5
   */
  readonly attempts?: number;
  /**
   * How long an attempt may be silent before another is sent beside it, in milliseconds; whichever is answered first is
   * the answer. It is what gets over a connection that is open and dead, and a service that died with the request.
   * @default a third of the request's time
   */
  readonly attemptTimeoutMs?: number;
  /** What retries may cost services that are overloaded or late. @default 10 tokens, a ratio of 0.1 */
  readonly budget?: RetryBudgetLimits;
}

/**
 * An attempt that was told `BUSY` or was silent for too long takes a token, every answer gives `ratio` of one back, and with
 * no more than half of them left nothing is sent again (gRPC A6). Losing the connection costs nothing.
 *
 * @example
 * ```ts
 * import type { RetryBudgetLimits } from "@magicbutton/messaging";
 *
 * const budget: RetryBudgetLimits = { tokens: 20, ratio: 0.2 };
 * ```
 */
export interface RetryBudgetLimits {
  /** How many tokens there are at most: 1 to 1000. @default 10 */
  readonly tokens?: number;
  /** How much of a token an answer gives back: 0 to 1. @default 0.1 */
  readonly ratio?: number;
}

/** What a client's middleware sees beside the call's data. */
export interface ClientCallContext {
  /** Where the message goes or came from. */
  readonly subject: string;
  /** The headers that go or came with it. */
  readonly headers: MessageHeaders;
  /** The call that this one is made for, where its caller named one. */
  readonly parent?: ParentCall | undefined;
  /** How often the request has been sent by now: more than once where it was tried again; absent for an event. */
  readonly attempts?: number;
  /**
   * Sets a header of a request, before `next`; absent for an event. Names of NATS and of this library are refused.
   *
   * @throws {MessagingError} `INVALID_REQUEST` for a name or value that cannot travel, or for too many headers
   */
  setHeader?(name: string, value: string): void;
}

/**
 * Options of `connect`.
 *
 * @example
 * ```ts
 * import type { ConnectOptions } from "@magicbutton/messaging";
 *
 * const options: ConnectOptions = { signal: AbortSignal.timeout(10_000) };
 * ```
 */
export interface ConnectOptions {
  /** Ends the wait. @default none */
  readonly signal?: AbortSignal;
}

/** The call that another call is made for: a handler's context is one. Its deadline, end and trace pass on. */
export interface ParentCall {
  /** When it must be answered, in milliseconds since 1970. */
  readonly deadline: number;
  /** Aborts when nobody waits for it any longer. */
  readonly signal: AbortSignal;
  /** Its W3C trace context. */
  readonly traceparent?: string | undefined;
}

/**
 * Options of `request`.
 *
 * @example
 * ```ts
 * import type { RequestOptions } from "@magicbutton/messaging";
 *
 * const options: RequestOptions = { timeoutMs: 1_000, idempotencyKey: crypto.randomUUID() };
 * ```
 */
export interface RequestOptions {
  /** How long to wait, in milliseconds. @default the contract's, then the client's */
  readonly timeoutMs?: number;
  /** Cancels the request, at the server too. @default none */
  readonly signal?: AbortSignal;
  /** Names the work, so that the same key is the same work: 1 to 128 characters. @default none */
  readonly idempotencyKey?: string;
  /** Sent with it; names of NATS and of this library are refused. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** The handler's context this request is made in. @default none */
  readonly parent?: ParentCall;
}

/**
 * Options of `subscribe`.
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract, type SubscribeOptions } from "@magicbutton/messaging";
 *
 * const clock = createContract({ name: "clock", version: "1.0.0", events: { ticked: v.object({ at: v.number() }) } });
 * const options: SubscribeOptions<typeof clock, "ticked"> = { queueGroup: "loggers", overflow: "drop-newest" };
 * ```
 */
export interface SubscribeOptions<C extends Contract, Name extends EventName<C>> {
  /** Only events with these subject parameters; the broker filters. @default all */
  readonly params?: Partial<InferContract<C>["events"][Name]["params"]>;
  /** Subscribers of one group share the events; without a group each gets all. @default none */
  readonly queueGroup?: string;
  /** How many handlers run at once; with 1 they run in order. @default 1 */
  readonly concurrency?: number;
  /** How many events wait for a handler. @default 1024 */
  readonly queueLimit?: number;
  /** How many bytes of events wait for a handler. @default 16777216 */
  readonly queueBytes?: number;
  /** What happens to an event over these limits. @default "drop-oldest" */
  readonly overflow?: OverflowPolicy;
  /** Hears of events that could not be handled, and where a subscription that was there is refused. @default the logger */
  readonly onError?: (error: MessagingError | Error) => void;
  /** Hears that events may have been missed, in its place among the others; a promise is waited for. @default nobody */
  readonly onGap?: GapHandler;
}

/**
 * What happens to events of which too many wait: the oldest goes, the newest goes, or the subscription ends with `BUSY`.
 * Whatever is dropped is told to `onError`, and counted in `context.missed` and for `onGap`.
 */
export type OverflowPolicy = "drop-oldest" | "drop-newest" | "disconnect";

/** A place among the events of a subscription where others may be missing. */
export interface EventGap {
  /**
   * Why: the connection was away, or has moved to another server; a gateway can no longer say what came; or too many
   * events waited.
   */
  readonly reason: GapReason | "overflow";
  /** How many are missing; `undefined` where nobody knows, and there may be none. */
  readonly missed: number | undefined;
}

/**
 * Hears of gaps: the time to ask for the state anew.
 *
 * @example
 * ```ts
 * import type { GapHandler } from "@magicbutton/messaging";
 *
 * const onGap: GapHandler = ({ reason }) => console.log(`Events may be missing: ${reason}`);
 * ```
 */
export type GapHandler = (gap: EventGap) => unknown;

/**
 * Options of `events`.
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract, type EventsOptions } from "@magicbutton/messaging";
 *
 * const clock = createContract({ name: "clock", version: "1.0.0", events: { ticked: v.object({ at: v.number() }) } });
 * const options: EventsOptions<typeof clock, "ticked"> = { queueLimit: 10, signal: AbortSignal.timeout(60_000) };
 * ```
 */
export interface EventsOptions<C extends Contract, Name extends EventName<C>> {
  /** Only events with these subject parameters; the broker filters. @default all */
  readonly params?: Partial<InferContract<C>["events"][Name]["params"]>;
  /** Subscribers of one group share the events; without a group each gets all. @default none */
  readonly queueGroup?: string;
  /** How many events wait. @default 1024 */
  readonly queueLimit?: number;
  /** How many bytes of events wait. @default 16777216 */
  readonly queueBytes?: number;
  /** What happens to an event over these limits. @default "drop-oldest" */
  readonly overflow?: OverflowPolicy;
  /** Hears that events may have been missed, in its place among the others; a promise is waited for. @default nobody */
  readonly onGap?: GapHandler;
  /** Ends the stream. @default none */
  readonly signal?: AbortSignal;
}

/** What a handler knows of an event beside its data. */
export interface EventContext {
  /** The event's name in the contract. */
  readonly event: string;
  /** Where it was published. */
  readonly subject: string;
  /** The values of its subject parameters, as text. */
  readonly params: Readonly<Record<string, string>>;
  /** The headers that came with it. */
  readonly headers: MessageHeaders;
  /** How many events were dropped just before this one because too many waited. */
  readonly missed: number;
}

/**
 * Handles an event. A promise it returns is waited for; its value is not looked at.
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract, type EventHandler } from "@magicbutton/messaging";
 *
 * const clock = createContract({ name: "clock", version: "1.0.0", events: { ticked: v.object({ at: v.number() }) } });
 * const log: EventHandler<typeof clock, "ticked"> = ({ at }, { missed }) => console.log(at, missed);
 * ```
 */
export type EventHandler<C extends Contract, Name extends EventName<C>> = (
  data: InferEvent<C, Name>,
  context: EventContext,
) => unknown;
