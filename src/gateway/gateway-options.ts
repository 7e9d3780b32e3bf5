import type { Authenticate, VerifiedActor } from "../contract/actor.ts";
import type { Authorize } from "../contract/authorize.ts";
import type { Contract } from "../contract/contract.ts";
import type { Middleware } from "../contract/operation-call.ts";
import type { Logger } from "../logging/logger.ts";
import type { MessageHeaders } from "../message/message-headers.ts";
import type { PayloadEncryption } from "../message/payload-encryption.ts";
import type { Clock } from "../transport/clock.ts";
import type { Transport } from "../transport/transport.ts";
import type { GatewayLimits } from "./gateway-limits.ts";

/**
 * Decides who may listen to what, beside the roles: `false` is `FORBIDDEN`, whether there is such a thing or not.
 *
 * @example
 * ```ts
 * import type { AuthorizeEvents } from "@magicbutton/messaging/gateway";
 *
 * const authorizeEvents: AuthorizeEvents = ({ params, actor }) => params["tenant"] === actor.claims?.["tenant"];
 * ```
 */
export type AuthorizeEvents = (
  subscription: {
    /** The contract's name. */
    readonly contract: string;
    /** The event's name in it. */
    readonly operation: string;
    /** The subject parameters that the subscription fixes, as text; one that is not here is open: all of them. */
    readonly params: Readonly<Record<string, string>>;
    /** Who asks. */
    readonly actor: VerifiedActor;
  },
) => boolean | Promise<boolean>;

/**
 * Where web pages may come from.
 *
 * @example
 * ```ts
 * import type { CorsOptions } from "@magicbutton/messaging/gateway";
 *
 * const cors: CorsOptions = { origins: ["https://app.example.com"] };
 * ```
 */
export interface CorsOptions {
  /** Origins, such as `"https://app.example.com"`: each exactly as browsers write it; no patterns. */
  readonly origins: readonly string[];
  /** How long browsers may remember a preflight's answer, in seconds. @default 600 */
  readonly maxAgeSeconds?: number;
}

/**
 * Which routes a gateway has beside those of its contracts.
 *
 * @example
 * ```ts
 * import type { ExposeOptions } from "@magicbutton/messaging/gateway";
 *
 * const expose: ExposeOptions = { page: false, statistics: false };
 * ```
 */
export interface ExposeOptions {
  /** `/metrics`, for Prometheus. @default true */
  readonly metrics?: boolean;
  /** `/openapi.json` and `/asyncapi.json`. @default true */
  readonly documents?: boolean;
  /** `/`, the live page. @default true */
  readonly page?: boolean;
  /** `/statistics`, what the services say of themselves. @default true */
  readonly statistics?: boolean;
}

/** What a gateway's middleware sees of a request that is forwarded, beside its data. */
export interface GatewayCallContext {
  /** Where it goes. */
  readonly subject: string;
  /** The headers that go with it. */
  readonly headers: MessageHeaders;
  /** The trace of its caller, where the gateway shares traces and the caller has one. */
  readonly parent?: { readonly traceparent: string } | undefined;
  /**
   * Sets a header of it, before `next`. Names of NATS and of this library are refused.
   *
   * @throws {MessagingError} `INVALID_REQUEST` for a name or value that cannot travel, or for too many headers
   */
  setHeader(name: string, value: string): void;
}

/**
 * Options of `createGateway`.
 *
 * @example
 * ```ts
 * import { type Contract, NatsTransport } from "@magicbutton/messaging";
 * import type { GatewayOptions } from "@magicbutton/messaging/gateway";
 *
 * export const optionsFor = (contract: Contract): GatewayOptions => ({
 *   contracts: [contract],
 *   transport: new NatsTransport({ servers: "nats://127.0.0.1:4222" }),
 *   forwardHeaders: ["x-tenant"],
 * });
 * ```
 */
export interface GatewayOptions {
  /** What is reachable: nothing that they do not name. */
  readonly contracts: readonly Contract[];
  /** How messages travel behind the gateway; may be shared with clients and servers. */
  readonly transport: Transport;
  /** Verifies callers by their bearer token; required where an operation is not public. @default none */
  readonly authenticate?: Authenticate;
  /** Decides what depends on a request's data, beside the roles: `false` is `FORBIDDEN`. @default nothing more is asked */
  readonly authorize?: Authorize;
  /** Decides what depends on a subscription's parameters, beside the roles. @default nothing more is asked */
  readonly authorizeEvents?: AuthorizeEvents;
  /** Encrypts bodies between the gateway and the services behind it. @default none */
  readonly encryption?: PayloadEncryption;
  /** A deployment's tokens in front of every subject behind the gateway. @default none */
  readonly namespace?: string;
  /** Which web pages may use it. @default pages of its own origin only */
  readonly cors?: CorsOptions;
  /** What it takes at most. */
  readonly limits?: GatewayLimits;
  /** Names of headers that travel on to the services; no others do. @default none */
  readonly forwardHeaders?: readonly string[];
  /**
   * The address of who calls, for the limits per address: from the connection, or from a header that the proxy in front
   * of the gateway writes itself. Never from one that callers may write. @default unknown
   */
  readonly address?: (request: Request, platform: unknown) => string | undefined;
  /**
   * Wraps every request that is forwarded, once it is admitted and checked, the first outermost: it may look, refuse, time
   * and set headers. What it puts in the place of data or of a result is not looked at: bytes go through as they came.
   *
   * @default none
   */
  readonly middleware?: readonly Middleware<GatewayCallContext>[];
  /**
   * Continues the traces of callers, and lets events carry theirs (`traceparent`, `tracestate`): for callers that are your
   * own. Otherwise every trace starts anew at the edge, where nobody outside can join, flood or sample those of the services.
   *
   * @default false
   */
  readonly shareTraces?: boolean;
  /** Routes beside the contracts'. @default all */
  readonly expose?: ExposeOptions;
  /** Hears of every request, and what callers are not told. @default silent */
  readonly logger?: Logger;
  /** Time and randomness. @default the runtime's */
  readonly clock?: Clock;
}

/**
 * Options of a gateway's `stop`.
 *
 * @example
 * ```ts
 * import type { GatewayStopOptions } from "@magicbutton/messaging/gateway";
 *
 * const options: GatewayStopOptions = { graceMs: 30_000 };
 * ```
 */
export interface GatewayStopOptions {
  /** How long requests that are under way may take to be answered, in milliseconds. @default 10000 */
  readonly graceMs?: number;
}

/** An HTTP gateway in front of a broker; `createGateway` makes it. */
export interface Gateway extends AsyncDisposable {
  /**
   * Answers one HTTP request; never rejects. It may be taken out of the object: `Deno.serve(gateway.fetch)`. The first
   * one starts the gateway where `start()` was not called. `platform` is whatever the HTTP server passes beside the
   * request; `address` gets it.
   */
  readonly fetch: (request: Request, platform?: unknown) => Promise<Response>;
  /**
   * Connects to the broker; idempotent.
   *
   * @throws {MessagingError} `DISCONNECTED` where it cannot be reached, `FORBIDDEN` where its broker does not let the
   * services' answers through
   */
  start(): Promise<void>;
  /**
   * Ends streams, answers what is under way, and leaves the transport. Bounded and idempotent; `start()` begins anew.
   *
   * @throws {TypeError} for a grace that is no number of milliseconds, and nothing else
   */
  stop(options?: GatewayStopOptions): Promise<void>;
}
