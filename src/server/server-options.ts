import type { Authenticate, VerifiedActor } from "../contract/actor.ts";
import type { Authorize } from "../contract/authorize.ts";
import type { Contract } from "../contract/contract.ts";
import type { InferContract, RequestName } from "../contract/infer.ts";
import type { Middleware } from "../contract/operation-call.ts";
import type { MessagingError } from "../errors/messaging-error.ts";
import type { Logger } from "../logging/logger.ts";
import type { MessageHeaders } from "../message/message-headers.ts";
import type { PayloadEncryption } from "../message/payload-encryption.ts";
import type { Clock } from "../transport/clock.ts";
import type { Transport } from "../transport/transport.ts";

/**
 * Options of `createMessagingServer`.
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract, MemoryTransport, type MessagingServerOptions } from "@magicbutton/messaging";
 *
 * const orders = createContract({
 *   name: "orders",
 *   version: "1.0.0",
 *   requests: { find: { request: v.object({ id: v.string() }), response: v.object({ total: v.number() }) } },
 * });
 * const options: MessagingServerOptions<typeof orders> = {
 *   contract: orders,
 *   transport: new MemoryTransport(),
 *   concurrency: 16,
 *   queueLimit: 64,
 * };
 * ```
 */
export interface MessagingServerOptions<C extends Contract> {
  /** What is served and told. */
  readonly contract: C;
  /** How messages travel; may be shared with other clients and servers. */
  readonly transport: Transport;
  /** Verifies callers; required where an operation of the contract is not public. @default none */
  readonly authenticate?: Authenticate;
  /** Decides what depends on data, beside the roles: `false` is `FORBIDDEN`. @default nothing more is asked */
  readonly authorize?: Authorize;
  /** Encrypts bodies between clients and servers. @default none */
  readonly encryption?: PayloadEncryption;
  /** How many handlers run at once. @default 64 */
  readonly concurrency?: number;
  /** How many requests wait for a handler; over that the caller is told `BUSY` at once. @default 256 */
  readonly queueLimit?: number;
  /** How many bytes of requests wait for a handler; over that the caller is told `BUSY` too. @default 16777216 */
  readonly queueBytes?: number;
  /** What is remembered of requests that carry an id, so that one that comes again does not run again. @default see there */
  readonly deduplication?: DeduplicationOptions;
  /** Instances of one group share the requests. @default the contract's name */
  readonly queueGroup?: string;
  /** Puts a deployment's tokens in front of every subject. @default none */
  readonly namespace?: string;
  /** What the service is for, shown by discovery. @default none */
  readonly description?: string;
  /**
   * Tells those who ask (`$SRV.SCHEMA`) what the contract is: `describeContract` of `@magicbutton/messaging/describe`. A
   * client with a `contractCheck` asks where its own contract is another. @default only the contract's hash is told
   */
  readonly describeContract?: (contract: Contract) => object;
  /** Wraps every handler and every broadcast, the first outermost. @default none */
  readonly middleware?: readonly Middleware<ServerCallContext>[];
  /** Hears what goes wrong, with what callers are not told. @default silent */
  readonly logger?: Logger;
  /** Time and randomness. @default the runtime's */
  readonly clock?: Clock;
}

/**
 * What a server remembers of requests that carry an id: those with an `idempotencyKey`, and idempotent ones whose caller
 * may send them again. The second arrival of one, from the same actor with the same input, waits for the first one's
 * answer or gets it again. A result and an error of the contract are remembered; a failure, and an error that may pass,
 * are not. Each instance remembers its own. Callers that are not verified share one space: their keys should be random.
 *
 * @example
 * ```ts
 * import type { DeduplicationOptions } from "@magicbutton/messaging";
 *
 * const options: DeduplicationOptions = { windowMs: 600_000, maxRequests: 50_000 };
 * ```
 */
export interface DeduplicationOptions {
  /** For how long after the answer, in milliseconds; 0 remembers nothing. @default 120000 */
  readonly windowMs?: number;
  /** How many requests at most; the older half is forgotten when there are so many. @default 10000 */
  readonly maxRequests?: number;
  /** How many bytes of answers at most, likewise; an answer of more than half of them is not remembered. @default 16777216 */
  readonly maxBytes?: number;
}

/** What a server's middleware sees beside the call's data: a handler's context, or a broadcast's. */
export interface ServerCallContext {
  /** Where the message came from or goes. */
  readonly subject: string;
  /** The headers that go or came with it. */
  readonly headers: MessageHeaders;
  /** Who asks; absent for a broadcast. */
  readonly actor?: VerifiedActor;
  /** Aborts when nobody waits any longer; absent for a broadcast. */
  readonly signal?: AbortSignal;
  /**
   * Sets a header of a broadcast, before `next`; absent for a request. Names of NATS and of this library are refused.
   *
   * @throws {MessagingError} `INVALID_REQUEST` for a name or value that cannot travel, or for too many headers
   */
  setHeader?(name: string, value: string): void;
}

/** What a handler knows of its request beside the data; also the `parent` of requests made for it. */
export interface HandlerContext<C extends Contract = Contract, Name extends RequestName<C> = RequestName<C>>
  extends ServerCallContext {
  /** The request's name in the contract. */
  readonly operation: string;
  /** The same for every attempt of one request. */
  readonly requestId: string;
  /** Where it was sent. */
  readonly subject: string;
  /** The subject's parameters; requests have none yet. */
  readonly params: Readonly<Record<string, string>>;
  /** The headers that came with it. */
  readonly headers: MessageHeaders;
  /** Who asks. */
  readonly actor: VerifiedActor;
  /** Aborts at the caller's deadline, when the caller cancels, and when the server stops for good. */
  readonly signal: AbortSignal;
  /** When it must be answered, in milliseconds since 1970. */
  readonly deadline: number;
  /** The caller's name for this work, where it gave one. */
  readonly idempotencyKey: string | undefined;
  /** The caller's W3C trace context, where it gave one. */
  readonly traceparent: string | undefined;
  /**
   * Makes one of the request's own errors, to be thrown; its text is the message, where that is given, or the contract's.
   *
   * @throws {TypeError} for a code that the contract does not name for the request
   */
  error<Code extends ErrorCode<C, Name>>(code: Code, ...rest: ErrorArguments<C, Name, Code>): ErrorOf<C, Name, Code>;
}

/** The codes of a request's own errors. */
export type ErrorCode<C extends Contract, Name extends RequestName<C>> =
  // Read through `infer`, so that a hover and a type error show the codes.
  InferContract<C>["requests"][Name]["errors"] extends infer Errors ? keyof Errors & string : never;

/** The data of one code's error. */
export type ErrorData<C extends Contract, Name extends RequestName<C>, Code extends string> =
  InferContract<C>["requests"][Name]["errors"] extends infer Errors ? Code extends keyof Errors ? Errors[Code] : never
    : never;

/** The error class of one code. */
export type ErrorOf<C extends Contract, Name extends RequestName<C>, Code extends ErrorCode<C, Name>> = MessagingError<
  Code,
  ErrorData<C, Name, Code>
>;

/** The arguments after an error's code: its data where it has any, then a message. */
export type ErrorArguments<C extends Contract, Name extends RequestName<C>, Code extends ErrorCode<C, Name>> =
  undefined extends ErrorData<C, Name, Code> ? [data?: ErrorData<C, Name, Code>, message?: string]
    : [data: ErrorData<C, Name, Code>, message?: string];

/**
 * Answers a request.
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract, type RequestHandler } from "@magicbutton/messaging";
 *
 * const orders = createContract({
 *   name: "orders",
 *   version: "1.0.0",
 *   requests: { find: { request: v.object({ id: v.string() }), response: v.object({ total: v.number() }) } },
 * });
 * const find: RequestHandler<typeof orders, "find"> = async ({ id }, { signal }) => {
 *   const answer = await fetch(`https://stock.example.com/${encodeURIComponent(id)}`, { signal });
 *   return { total: Number(await answer.text()) };
 * };
 * ```
 */
export type RequestHandler<C extends Contract, Name extends RequestName<C>> = (
  request: InferContract<C>["requests"][Name]["received"],
  context: HandlerContext<C, Name>,
) => InferContract<C>["requests"][Name]["returned"] | Promise<InferContract<C>["requests"][Name]["returned"]>;

/**
 * Options of `start`.
 *
 * @example
 * ```ts
 * import type { StartOptions } from "@magicbutton/messaging";
 *
 * const options: StartOptions = { partial: true, signal: AbortSignal.timeout(10_000) };
 * ```
 */
export interface StartOptions {
  /** Allows requests of the contract that have no handler here. @default false */
  readonly partial?: boolean;
  /** Ends the wait for the connection. @default none */
  readonly signal?: AbortSignal;
}

/**
 * Options of `stop`.
 *
 * @example
 * ```ts
 * import type { StopOptions } from "@magicbutton/messaging";
 *
 * const options: StopOptions = { graceMs: 30_000 };
 * ```
 */
export interface StopOptions {
  /** How long handlers that run may take to end, in milliseconds. @default 10000 */
  readonly graceMs?: number;
}

/**
 * Options of `broadcast` for a durable event.
 *
 * @example
 * ```ts
 * import type { DurableBroadcastOptions } from "@magicbutton/messaging";
 *
 * const options: DurableBroadcastOptions = { id: "order-7-paid", timeoutMs: 10_000 };
 * ```
 */
export interface DurableBroadcastOptions extends BroadcastOptions {
  /**
   * The caller's own id: what is broadcast again with it to the same subject within the stream's duplicate window, two
   * minutes, is stored once. 1 to 128 characters of printable ASCII. @default a random one
   */
  readonly id?: string;
}

/**
 * Options of `broadcast`.
 *
 * @example
 * ```ts
 * import type { BroadcastOptions } from "@magicbutton/messaging";
 *
 * const options: BroadcastOptions = { timeoutMs: 1_000, headers: { "X-Tenant": "acme" } };
 * ```
 */
export interface BroadcastOptions {
  /** How long the broker may take to confirm it, in milliseconds; a durable event is sent again in that time. @default 5000 */
  readonly timeoutMs?: number;
  /** Sent with it; names of NATS and of this library are refused. @default none */
  readonly headers?: Readonly<Record<string, string>>;
}
