import type { MessagingError } from "../errors/messaging-error.ts";
import type { MessageHeaders } from "../message/message-headers.ts";
import type { EventStore } from "./event-store.ts";

/** The state of a transport, a client or a server's connection. */
export type ConnectionStatus = "disconnected" | "connecting" | "connected" | "reconnecting" | "closed";

/**
 * Hears of every change of a status, once each. `error` says why a connection was lost or does not come; where that changes
 * while the status lasts, the same status is told again with the new reason.
 *
 * @example
 * ```ts
 * import type { StatusListener } from "@magicbutton/messaging";
 *
 * const listener: StatusListener = (status, error) => console.log(status, error?.message ?? "");
 * ```
 */
export type StatusListener = (status: ConnectionStatus, error?: Error) => void;

/**
 * Options of `Transport.open`.
 *
 * @example
 * ```ts
 * import type { OpenOptions } from "@magicbutton/messaging";
 *
 * const options: OpenOptions = { signal: AbortSignal.timeout(10_000) };
 * ```
 */
export interface OpenOptions {
  /** Ends the wait; others that wait for the same connection go on. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Moves bytes between subjects. It knows no contract. One transport object may serve several clients and servers: it
 * connects when the first one opens it and closes after the last one has left.
 *
 * To write another transport, implement this interface and run the suite in `tests/transport-behaviour/` over it.
 */
export interface Transport {
  /** A short name for logs and error texts. */
  readonly kind: string;
  /** The state of the shared connection. */
  readonly status: ConnectionStatus;
  /** Why it is not connected, where a reason is known. A transport that never waits for its first connection needs none. */
  readonly statusError?: Error | undefined;
  /** Hears of changes; the function that comes back ends it. Never throws. */
  onStatus(listener: StatusListener): () => void;
  /**
   * Joins the shared connection.
   *
   * @throws {MessagingError} `DISCONNECTED` where nothing can be reached, `UNAUTHENTICATED` where the credentials are
   * refused, `UNSUPPORTED` where the runtime cannot, `CANCELLED` by the signal
   */
  open(options?: OpenOptions): Promise<TransportConnection>;
}

/** A message that came in. */
export interface TransportMessage {
  /** Where it was published. */
  readonly subject: string;
  /** Where an answer goes, if one is wanted. */
  readonly replySubject: string | undefined;
  /** The header block as it came, not yet read; `undefined` where there is none. */
  readonly headerBlock: Uint8Array | undefined;
  /** The body as it came; a view that is good until the callback returns. */
  readonly body: Uint8Array;
}

/**
 * Options of `TransportConnection.request`.
 *
 * @example
 * ```ts
 * import type { TransportRequestOptions } from "@magicbutton/messaging";
 *
 * const options: TransportRequestOptions = { requestId: crypto.randomUUID(), timeoutMs: 1_000, operation: "find" };
 * ```
 */
export interface TransportRequestOptions<Answer = TransportMessage> {
  /** Becomes the last token of the reply subject; unique. */
  readonly requestId: string;
  /** How long to wait, in milliseconds. */
  readonly timeoutMs: number;
  /** Names the request in error texts. */
  readonly operation: string;
  /** Sent with it. */
  readonly headers?: MessageHeaders | undefined;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Makes of the answer what the request resolves with, while the answer's bytes are good; what it throws is what the
   * request rejects with. @default the message as it came
   */
  readonly read?: ((message: TransportMessage) => Answer | PromiseLike<Answer>) | undefined;
}

/**
 * Options of `TransportConnection.requestMany`.
 *
 * @example
 * ```ts
 * import type { TransportRequestManyOptions } from "@magicbutton/messaging";
 *
 * const options: TransportRequestManyOptions = {
 *   requestId: crypto.randomUUID(),
 *   timeoutMs: 500,
 *   operation: "who is there",
 *   limit: 10,
 * };
 * ```
 */
export interface TransportRequestManyOptions extends Omit<TransportRequestOptions, "read"> {
  /** So many answers are enough. @default 1000 */
  readonly limit?: number | undefined;
}

/**
 * Options of `TransportConnection.publish`.
 *
 * @example
 * ```ts
 * import type { TransportPublishOptions } from "@magicbutton/messaging";
 *
 * const options: TransportPublishOptions = { timeoutMs: 1_000, operation: "orderMoved" };
 * ```
 */
export interface TransportPublishOptions {
  /** How long to wait until the broker has it, in milliseconds. */
  readonly timeoutMs: number;
  /** Names the event in error texts. */
  readonly operation: string;
  /** Sent with it. */
  readonly headers?: MessageHeaders | undefined;
}

/**
 * Why messages may have been missed: the connection was lost and is back (`"outage"`), it has moved to another server or
 * to other credentials (`"moved"`), or what was missed can no longer be had (`"reset"`).
 */
export type GapReason = "outage" | "moved" | "reset";

/**
 * Options of `TransportConnection.subscribe`.
 *
 * @example
 * ```ts
 * import type { TransportSubscribeOptions } from "@magicbutton/messaging";
 *
 * const options: TransportSubscribeOptions = { queueGroup: "orders", onMessage: ({ body }) => console.log(body.length) };
 * ```
 */
export interface TransportSubscribeOptions {
  /** Members of one group share the messages; without a group everyone gets each. */
  readonly queueGroup?: string | undefined;
  /**
   * A bearer token, for a transport whose peer asks each subscriber who it is, as the gateway does; a function is asked
   * each time. NATS asked the connection.
   */
  readonly token?: string | (() => string | Promise<string>) | undefined;
  /** Called for each message, in order; what it throws is logged and goes no further. */
  readonly onMessage: (message: TransportMessage) => void;
  /** Called when the subscription is back after messages may have been missed: none that is sent from then on. */
  readonly onGap?: ((reason: GapReason) => void) | undefined;
  /** Called when the broker refuses the subscription, at first or later; it is tried again all the same. */
  readonly onRefused?: ((error: MessagingError) => void) | undefined;
}

/** A subscription of a connection. It comes back by itself after an outage. */
export interface TransportSubscription {
  /**
   * The broker has it: a round trip. After an outage, and after a refusal that was taken back, it is another promise.
   *
   * @throws {MessagingError} `FORBIDDEN`, `DISCONNECTED`
   */
  readonly ready: Promise<void>;
  /** Ends it; nothing is delivered after it. Never throws. */
  unsubscribe(): void;
  /** Ends it, and resolves when all that the broker had already sent is delivered. Bounded; never rejects. */
  drain(): Promise<void>;
}

/** One participant's share of a transport's connection. */
export interface TransportConnection {
  /** The most bytes a message may have, headers and body together. */
  readonly maxPayloadBytes: number;
  /**
   * Sends a request and waits for the first answer.
   *
   * @throws {MessagingError} `NO_RESPONDERS`, `TIMEOUT`, `CANCELLED`, `DISCONNECTED`, `PAYLOAD_TOO_LARGE`, `FORBIDDEN`
   */
  request<Answer = TransportMessage>(
    subject: string,
    body: Uint8Array,
    options: TransportRequestOptions<Answer>,
  ): Promise<Answer>;
  /**
   * Asks everybody who listens, and collects what they answer until `timeoutMs` is over or `limit` is reached. Who
   * answers in that time is in the list: nobody there is an empty list, at once where the broker says so. The answers'
   * bytes are the caller's to keep.
   *
   * @throws {MessagingError} `TIMEOUT` where it could not be sent in time, `CANCELLED`, `DISCONNECTED`, `FORBIDDEN`,
   * `PAYLOAD_TOO_LARGE`, also for answers of more than 16 MiB together, `UNSUPPORTED` where the transport's peer answers
   * alone for all
   */
  requestMany(subject: string, body: Uint8Array, options: TransportRequestManyOptions): Promise<TransportMessage[]>;
  /**
   * Publishes, and resolves when the broker has it.
   *
   * @throws {MessagingError} `DISCONNECTED`, `PAYLOAD_TOO_LARGE`, `FORBIDDEN`
   */
  publish(subject: string, body: Uint8Array, options: TransportPublishOptions): Promise<void>;
  /**
   * Publishes without waiting: answers and cancellations.
   *
   * @throws {MessagingError} `DISCONNECTED`, `PAYLOAD_TOO_LARGE`, at once
   */
  send(subject: string, body: Uint8Array, headers?: MessageHeaders): void;
  /**
   * Why nothing can be sent now, asked before a large message is encoded; absent where that is not known before.
   * Never throws.
   */
  refusal?(operation: string): MessagingError | undefined;
  /**
   * Why no answer to a request can come, whatever is asked; `undefined` where answers can come, and absent where nothing
   * keeps them away. Never throws.
   */
  answersRefusal?(): MessagingError | undefined;
  /**
   * Hears of messages sent without waiting that the broker refuses, by their subject; the function that comes back ends it.
   * Absent where a broker refuses none. Never throws.
   */
  onRefusedSend?(listener: (subject: string, error: MessagingError) => void): () => void;
  /**
   * Listens to a subject; `*` stands for one token and a last `>` for all that follow.
   *
   * @throws {MessagingError} `DISCONNECTED` once it is closed, `INVALID_REQUEST` for what is no subject or queue group,
   * `UNSUPPORTED` for what the transport has not
   */
  subscribe(subject: string, options: TransportSubscribeOptions): TransportSubscription;
  /**
   * The broker's streams, for durable events; absent where the transport has none.
   *
   * @throws {MessagingError} `UNSUPPORTED` where the broker has none
   */
  eventStore?(): Promise<EventStore>;
  /**
   * Waits until the broker has all that was sent before.
   *
   * @throws {MessagingError} `DISCONNECTED`
   */
  flush(timeoutMs: number): Promise<void>;
  /** Leaves: its subscriptions end and its pending requests reject. Bounded, idempotent; never rejects. */
  close(): Promise<void>;
}
