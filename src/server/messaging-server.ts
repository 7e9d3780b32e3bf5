import type { Contract } from "../contract/contract.ts";
import type { EventName, InferContract, RequestName } from "../contract/infer.ts";
import type { ConnectionStatus, StatusListener } from "../transport/transport.ts";
import type { BroadcastOptions, RequestHandler, StartOptions, StopOptions } from "./server-options.ts";

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
   * Connects and serves; resolves when requests reach it.
   *
   * @throws {TypeError} where a request has no handler, or an operation is not public and there is no `authenticate`
   * @throws {MessagingError} `DISCONNECTED`, `UNAUTHENTICATED`, `FORBIDDEN`, `UNSUPPORTED`, `CANCELLED`
   */
  start(options?: StartOptions): Promise<void>;
  /**
   * Tells an event; resolves when the broker has it.
   *
   * @throws {MessagingError} `INVALID_EVENT`, `DISCONNECTED`, `PAYLOAD_TOO_LARGE`, `FORBIDDEN`, `BUSY`
   */
  broadcast<Name extends EventName<C>>(
    name: Name,
    data: InferContract<C>["events"][Name]["input"],
    options?: BroadcastOptions,
  ): Promise<void>;
  /**
   * Stops taking requests, answers those it took, and leaves. Bounded and idempotent; it rejects for nothing but its options.
   *
   * @throws {TypeError} for a `graceMs` that is no duration
   */
  stop(options?: StopOptions): Promise<void>;
  /** Hears of changes of the status; the function that comes back ends it. Never throws. */
  onStatus(listener: StatusListener): () => void;
}
