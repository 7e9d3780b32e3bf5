import type { Contract } from "../contract/contract.ts";
import type { EventName, InferContract, RequestName } from "../contract/infer.ts";
import type { StoredAcknowledgement } from "../transport/event-store.ts";
import type { ConnectionStatus, StatusListener } from "../transport/transport.ts";
import type {
  BroadcastOptions,
  DurableBroadcastOptions,
  RequestHandler,
  StartOptions,
  StopOptions,
} from "./server-options.ts";

/** What a broadcast resolves with: the stream's acknowledgement for a durable event, nothing for another one. */
export type BroadcastResult<C extends Contract, Name extends EventName<C>> =
  InferContract<C>["events"][Name]["durable"] extends infer Durable
    ? Durable extends true ? StoredAcknowledgement : void
    : never;

/** The options of a broadcast: a durable event has an `id` among them. */
export type BroadcastOptionsOf<C extends Contract, Name extends EventName<C>> = true extends
  InferContract<C>["events"][Name]["durable"] ? DurableBroadcastOptions : BroadcastOptions;

/** Serves the requests and tells the events of one contract; `createMessagingServer` makes it. */
export interface MessagingServer<C extends Contract> extends AsyncDisposable {
  /** The state of the connection. */
  readonly status: ConnectionStatus;
  /**
   * Says how a request is answered. Async or not; what it throws is answered too.
   *
   * @throws {TypeError} for a request that is not in the contract, or has a handler already
   */
  registerHandler<Name extends RequestName<C>>(name: Name, handler: RequestHandler<C, Name>): void;
  /**
   * Connects and serves; resolves when requests reach it and the contract's durable events have their streams.
   *
   * @throws {TypeError} where a request has no handler, or an operation is not public and there is no `authenticate`
   * @throws {MessagingError} `DISCONNECTED`, `UNAUTHENTICATED`, `FORBIDDEN`, `UNSUPPORTED`, `CANCELLED`; `UNSUPPORTED` also
   * where the contract has durable events and the broker no streams, or other ones under their names
   */
  start(options?: StartOptions): Promise<void>;
  /**
   * Tells an event; resolves when the broker has it. A durable event is stored, and sent again until it is or its time is
   * over; it resolves with the stream's acknowledgement.
   *
   * @throws {MessagingError} `INVALID_EVENT`, `DISCONNECTED`, `PAYLOAD_TOO_LARGE`, `FORBIDDEN`, `BUSY`; for a durable event
   * also `TIMEOUT`, `NO_RESPONDERS` where there is no stream, `UNSUPPORTED`
   */
  broadcast<Name extends EventName<C>>(
    name: Name,
    data: InferContract<C>["events"][Name]["input"],
    options?: BroadcastOptionsOf<C, Name>,
  ): Promise<BroadcastResult<C, Name>>;
  /**
   * Stops taking requests, answers those it took, and leaves. Bounded and idempotent; it rejects for nothing but its options.
   *
   * @throws {TypeError} for a `graceMs` that is no duration
   */
  stop(options?: StopOptions): Promise<void>;
  /** Hears of changes of the status; the function that comes back ends it. */
  onStatus(listener: StatusListener): () => void;
}
