import type { MessagingError } from "../errors/messaging-error.ts";
import type { MessageHeaders } from "../message/message-headers.ts";

/**
 * A stream of stored messages as it is to be.
 *
 * @example
 * ```ts
 * import type { StreamDefinition } from "@magicbutton/messaging";
 *
 * const stream: StreamDefinition = { name: "ORDERS_V1", subjects: ["orders.v1.event.>"], maxAgeMs: 86_400_000 };
 * ```
 */
export interface StreamDefinition {
  /** The stream's name. */
  readonly name: string;
  /** What it stores, `*` and a last `>` standing for tokens. */
  readonly subjects: readonly string[];
  /**
   * What all its subjects begin with where several versions of its owner share it: `ensureStream` then takes others below it
   * as they are, and adds those that are missing. @default the subjects have to be the same
   */
  readonly sharedRoot?: string | undefined;
  /** How long a message is kept, in milliseconds. @default for good */
  readonly maxAgeMs?: number | undefined;
  /** How many messages are kept; the oldest go first. @default no limit */
  readonly maxMessages?: number | undefined;
  /** How many bytes are kept; the oldest go first. @default no limit */
  readonly maxBytes?: number | undefined;
  /** On how many servers of a cluster each message stands. @default 1 */
  readonly replicas?: number | undefined;
  /** For how long a message id is remembered, in milliseconds. @default 120000 */
  readonly duplicateWindowMs?: number | undefined;
}

/** What a stream says when it has stored a message. */
export interface StoredAcknowledgement {
  /** The stream that has it. */
  readonly stream: string;
  /** Its number in the stream, from 1. */
  readonly sequence: number;
  /** Whether the stream had a message of this id already, and stored nothing. */
  readonly duplicate: boolean;
}

/**
 * Options of calls to a store that have a deadline.
 *
 * @example
 * ```ts
 * import type { StoreCallOptions } from "@magicbutton/messaging";
 *
 * const options: StoreCallOptions = { timeoutMs: 5_000, operation: "orderPaid" };
 * ```
 */
export interface StoreCallOptions {
  /** How long the call may take, its repetitions included, in milliseconds. */
  readonly timeoutMs: number;
  /** Names the operation in error texts. */
  readonly operation: string;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Options of `EventStore.store`.
 *
 * @example
 * ```ts
 * import type { StoreMessageOptions } from "@magicbutton/messaging";
 *
 * const options: StoreMessageOptions = {
 *   stream: "ORDERS_V1",
 *   messageId: crypto.randomUUID(),
 *   timeoutMs: 5_000,
 *   operation: "orderPaid",
 * };
 * ```
 */
export interface StoreMessageOptions extends StoreCallOptions {
  /** The stream that has to store it: another's acknowledgement is none. */
  readonly stream: string;
  /** A message of the same id within the duplicate window is stored once; the call repeats itself with it. */
  readonly messageId: string;
  /** Stored with it. */
  readonly headers?: MessageHeaders | undefined;
}

/** A message as a stream has it. Its bytes are the receiver's to keep. */
export interface StoredMessage {
  /** Where it was published. */
  readonly subject: string;
  /** The header block as it came, not yet read; `undefined` where there is none. */
  readonly headerBlock: Uint8Array | undefined;
  /** The body as it came. */
  readonly body: Uint8Array;
  /** Its number in the stream. */
  readonly sequence: number;
  /** When the stream took it, in milliseconds since 1970. */
  readonly publishedAt: number;
}

/** A stored message on its way to a durable consumer: it comes again until one of the calls that settle it. */
export interface Delivery extends StoredMessage {
  /** How often it has been delivered, this time included: from 1. */
  readonly deliveries: number;
  /**
   * It is done. Resolves when the broker has read that.
   *
   * @throws {MessagingError} `DISCONNECTED`: it comes again
   */
  acknowledge(): Promise<void>;
  /**
   * It is to come again after so many milliseconds.
   *
   * @throws {MessagingError} `DISCONNECTED`: it comes again sooner or later
   */
  retryLater(delayMs: number): Promise<void>;
  /**
   * It is to come no more, to nobody of this consumer.
   *
   * @throws {MessagingError} `DISCONNECTED`: it comes again
   */
  discard(reason: string): Promise<void>;
  /** It is being worked on: its time to be settled in starts again. Never throws. */
  keepAlive(): void;
}

/** Where reading begins: with what is stored from now on, with all, at a time, or at a sequence. */
export type StartPosition = "new" | "all" | { readonly time: Date } | { readonly sequence: number };

/** `starting` until it first reads, `active`, `degraded` while it cannot read and tries to, `ended`. */
export type ReadingState = "starting" | "active" | "degraded" | "ended";

/**
 * Options of reading a stream, whichever way.
 *
 * @example
 * ```ts
 * import type { StreamReadOptions } from "@magicbutton/messaging";
 *
 * const options: StreamReadOptions = {
 *   stream: { name: "ORDERS_V1", subjects: ["orders.v1.event.>"] },
 *   subject: "orders.v1.event.orderPaid",
 *   onState: (state) => console.log(state),
 * };
 * ```
 */
export interface StreamReadOptions {
  /**
   * The stream, taken as it is, whatever its limits: comparing is for `ensureStream`. Made as defined here where it is
   * gone and the broker lets this connection make it.
   */
  readonly stream: StreamDefinition;
  /** Which of its messages. */
  readonly subject: string;
  /** Hears of every change of the state, with why. */
  readonly onState: (state: ReadingState, error?: MessagingError) => void;
}

/**
 * Options of `EventStore.replay`.
 *
 * @example
 * ```ts
 * import type { ReplayOptions } from "@magicbutton/messaging";
 *
 * const options: ReplayOptions = {
 *   stream: { name: "ORDERS_V1", subjects: ["orders.v1.event.>"] },
 *   subject: "orders.v1.event.orderPaid",
 *   from: "all",
 *   onMessage: ({ sequence }) => console.log(sequence),
 *   onReset: () => console.log("some are missing"),
 *   onState: (state) => console.log(state),
 * };
 * ```
 */
export interface ReplayOptions extends StreamReadOptions {
  /** A bearer token, for a transport whose peer asks each reader who it is; a function is asked each time. */
  readonly token?: string | (() => string | Promise<string>) | undefined;
  /** Where it begins; after an outage it goes on behind the last message that was taken. */
  readonly from: StartPosition;
  /**
   * Takes a message, in the stream's order, each once. The next one waits for the promise.
   * What it throws ends nothing and is logged.
   */
  readonly onMessage: (message: StoredMessage) => void | Promise<void>;
  /** What it was to go on with is no longer in the stream, or the stream is another one: it goes on with the oldest. */
  readonly onReset: () => void;
  /** It has given all that was stored when it began, or there was nothing: called once, behind the last of it. */
  readonly onCaughtUp?: (() => void) | undefined;
}

/**
 * Options of `EventStore.consume`.
 *
 * @example
 * ```ts
 * import type { ConsumeOptions } from "@magicbutton/messaging";
 *
 * const options: ConsumeOptions = {
 *   stream: { name: "ORDERS_V1", subjects: ["orders.v1.event.>"] },
 *   subject: "orders.v1.event.orderPaid",
 *   consumer: "billing=orderPaid",
 *   from: "new",
 *   window: 16,
 *   ackWaitMs: 30_000,
 *   exclusive: false,
 *   onDelivery: (delivery) => void delivery.acknowledge().catch(() => {}),
 *   onState: (state) => console.log(state),
 * };
 * ```
 */
export interface ConsumeOptions extends StreamReadOptions {
  /** The durable consumer's name; instances with one name share its messages. */
  readonly consumer: string;
  /** Where the consumer begins when it is made; one that is there goes on where it stands. */
  readonly from: StartPosition;
  /** How many deliveries this instance has at once that are not settled. */
  readonly window: number;
  /** How long a delivery may take to be settled or kept alive until it comes again, in milliseconds. */
  readonly ackWaitMs: number;
  /**
   * Whether one instance at a time gets messages, the next one when it is gone; then messages come in the stream's order,
   * those again that the last one did not settle before newer ones.
   */
  readonly exclusive: boolean;
  /** Takes a delivery; at once, never throws. */
  readonly onDelivery: (delivery: Delivery) => void;
}

/** Somebody who reads a stream. It comes back by itself after an outage. */
export interface StreamReader {
  /** How it stands. */
  readonly state: ReadingState;
  /**
   * Resolves when it reads for the first time.
   *
   * @throws {MessagingError} what keeps it from it for good; `CANCELLED` where it was stopped before
   */
  readonly ready: Promise<void>;
  /** Takes no further messages; those that were delivered can still be settled. Bounded, never rejects. */
  stop(): Promise<void>;
}

/**
 * Streams that keep messages, as JetStream does. A transport that has them gives this; it knows no contract.
 * Every promise settles by its deadline.
 */
export interface EventStore {
  /**
   * Makes the stream, or compares it with what is there. Of one that is there, nothing is changed but what `sharedRoot` says.
   *
   * @throws {MessagingError} `UNSUPPORTED` where the broker has no streams, or where one of that name differs: the error
   * shows each difference; `FORBIDDEN`, `DISCONNECTED`, `TIMEOUT`
   */
  ensureStream(definition: StreamDefinition, options: StoreCallOptions): Promise<void>;
  /**
   * Stores a message; resolves when the stream has it.
   *
   * @throws {MessagingError} `NO_RESPONDERS` where no stream takes it, `TIMEOUT`, `DISCONNECTED`, `CANCELLED`,
   * `PAYLOAD_TOO_LARGE`, `FORBIDDEN`, `BUSY` where the stream is full, `INTERNAL` where somebody else acknowledged it
   */
  store(subject: string, body: Uint8Array, options: StoreMessageOptions): Promise<StoredAcknowledgement>;
  /** Shares a durable consumer's messages. Never throws: its reader says what keeps it from reading. */
  consume(options: ConsumeOptions): StreamReader;
  /**
   * Reads alone, in order, from anywhere; it leaves no trace at the broker. Never throws: its reader says what
   * keeps it from reading.
   */
  replay(options: ReplayOptions): StreamReader;
  /**
   * The first message at `sequence` or behind it whose subject matches; `undefined` where there is none.
   *
   * @throws {MessagingError} `FORBIDDEN`, `DISCONNECTED`, `TIMEOUT`
   */
  read(
    stream: string,
    query: { readonly sequence: number; readonly subject: string },
    options: StoreCallOptions,
  ): Promise<StoredMessage | undefined>;
  /**
   * Takes a message out of the stream; `false` where it was not there.
   *
   * @throws {MessagingError} as `read`
   */
  remove(stream: string, sequence: number, options: StoreCallOptions): Promise<boolean>;
  /**
   * The stream's oldest and newest sequence, `last` 0 where it never had any.
   *
   * @throws {MessagingError} as `read`
   */
  bounds(stream: string, options: StoreCallOptions): Promise<{ readonly first: number; readonly last: number }>;
}
