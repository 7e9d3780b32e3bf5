import type { Contract } from "../contract/contract.ts";
import type {
  DurableEventName,
  EventName,
  InferErrors,
  InferEvent,
  InferRequest,
  InferResponse,
  RequestName,
} from "../contract/infer.ts";
import type { DeadLetters, DeadLettersOptions } from "../durable/dead-letter.ts";
import type {
  DurableSubscribeOptions,
  ReplaySubscribeOptions,
  StoredEventHandler,
  StoredSubscription,
} from "../durable/durable-options.ts";
import type { PromiseWithError } from "../errors/safe.ts";
import type { ConnectionStatus, StatusListener } from "../transport/transport.ts";
import type {
  ConnectOptions,
  EventContext,
  EventHandler,
  EventsOptions,
  RequestOptions,
  SubscribeOptions,
} from "./client-options.ts";

/** The arguments after a request's name; the input may be left out where the schema takes `undefined`. */
export type RequestArguments<Input> = undefined extends Input ? [input?: Input, options?: RequestOptions]
  : [input: Input, options?: RequestOptions];

/** A subscription to an event. */
export interface EventSubscription extends AsyncDisposable {
  /**
   * The broker has it; after an outage it is another promise. Rejects with `FORBIDDEN`, `UNAUTHENTICATED` or
   * `DISCONNECTED`, and with `BUSY` where `overflow: "disconnect"` has ended it; not awaiting it is fine. One that was there
   * and is refused later tells `onError`, too, and is tried again.
   */
  readonly ready: Promise<void>;
  /** Ends it: no handler is called after that. Resolves when handlers that run have ended. Never rejects. */
  unsubscribe(): Promise<void>;
}

/** One event of a stream. */
export interface StreamedEvent<Data> {
  /** The event's data. */
  readonly data: Data;
  /** What is known beside it. */
  readonly context: EventContext;
}

/** Events as they come, for one `for await`, which throws where the subscription is refused for good. */
export interface EventStream<Data> extends AsyncIterableIterator<StreamedEvent<Data>>, AsyncDisposable {
  /** The broker has the subscription; after an outage it is another promise. Not awaiting it is fine. */
  readonly ready: Promise<void>;
}

/** Asks requests and hears events of one contract; `createMessagingClient` makes it. */
export interface MessagingClient<C extends Contract> extends AsyncDisposable {
  /** The state of the connection. */
  readonly status: ConnectionStatus;
  /**
   * Connects once, whoever calls; resolves when requests can be sent.
   *
   * @throws {MessagingError} `DISCONNECTED`, `UNAUTHENTICATED`, `UNSUPPORTED`, `CANCELLED`, `FORBIDDEN` by a `contractCheck`
   */
  connect(options?: ConnectOptions): Promise<void>;
  /**
   * Sends a request and waits for its one answer.
   *
   * @throws {MessagingError} the contract's codes of this request, and `INVALID_REQUEST`, `INVALID_RESPONSE`,
   * `MALFORMED_MESSAGE`, `TIMEOUT`, `CANCELLED`, `NO_RESPONDERS`, `DISCONNECTED`, `BUSY`, `UNAUTHENTICATED`, `FORBIDDEN`,
   * `PAYLOAD_TOO_LARGE`, `INTERNAL`
   */
  request<Name extends RequestName<C>>(
    name: Name,
    ...rest: RequestArguments<InferRequest<C, Name>>
  ): PromiseWithError<InferResponse<C, Name>, InferErrors<C, Name>>;
  /**
   * Listens to an event. Before `connect` it waits for it; it comes back by itself after an outage.
   *
   * @throws {MessagingError} `INVALID_EVENT` for an event or parameter that is not in the contract
   */
  subscribe<Name extends EventName<C>>(name: Name, handler: EventHandler<C, Name>): EventSubscription;
  /**
   * Handles a durable event's occurrences at least once each, over crashes and outages: instances with one `durable` name
   * share them. What cannot be handled becomes a dead letter.
   *
   * @throws {MessagingError} `INVALID_EVENT` for an event or parameter that is not in the contract, or is not durable
   * @throws {TypeError} for options that cannot work
   *
   * @example
   * ```ts
   * import * as v from "valibot";
   * import { createContract, createMessagingClient, MemoryTransport } from "@magicbutton/messaging";
   *
   * const orders = createContract({
   *   name: "orders",
   *   version: "1.0.0",
   *   events: { orderPaid: { schema: v.object({ id: v.string() }), durable: true } },
   * });
   * const client = createMessagingClient({ contract: orders, transport: new MemoryTransport() });
   * await client.connect();
   * const subscription = client.subscribe("orderPaid", { durable: "billing", from: "all" }, ({ id }, { attempt }) => {
   *   console.log(`${id}, attempt ${attempt}`);
   * });
   * await subscription.ready;
   * await client.disconnect();
   * ```
   */
  subscribe<Name extends DurableEventName<C>>(
    name: Name,
    options: DurableSubscribeOptions<C, Name>,
    handler: StoredEventHandler<C, Name>,
  ): StoredSubscription;
  /**
   * Reads a durable event's occurrences in order from anywhere, alone: nothing is acknowledged.
   *
   * @throws {MessagingError} `INVALID_EVENT` for an event or parameter that is not in the contract, or is not durable
   * @throws {TypeError} for options that cannot work
   */
  subscribe<Name extends DurableEventName<C>>(
    name: Name,
    options: ReplaySubscribeOptions<C, Name>,
    handler: StoredEventHandler<C, Name>,
  ): StoredSubscription;
  /**
   * Listens to an event with options.
   *
   * @throws {MessagingError} `INVALID_EVENT` for an event or parameter that is not in the contract
   */
  subscribe<Name extends EventName<C>>(
    name: Name,
    options: SubscribeOptions<C, Name>,
    handler: EventHandler<C, Name>,
  ): EventSubscription;
  /**
   * The dead letters of a durable subscription, for someone to look at, send again or discard.
   *
   * @throws {MessagingError} `INVALID_EVENT` for an event that is not in the contract, or is not durable
   */
  deadLetters<Name extends DurableEventName<C>>(name: Name, options: DeadLettersOptions): DeadLetters<C, Name>;
  /**
   * Gives an event's occurrences as an async iterable, bounded; it ends with `break`, with its signal or with `disconnect`.
   *
   * @throws {MessagingError} `INVALID_EVENT` for an event or parameter that is not in the contract
   */
  events<Name extends EventName<C>>(name: Name, options?: EventsOptions<C, Name>): EventStream<InferEvent<C, Name>>;
  /** Hears of changes of the status; the function that comes back ends it. Never throws. */
  onStatus(listener: StatusListener): () => void;
  /** Leaves: pending requests reject, subscriptions end. Bounded, idempotent, never rejects. */
  disconnect(): Promise<void>;
}
