import { type Clock, systemClock } from "../transport/clock.ts";
import { SharedResource } from "../transport/shared-resource.ts";
import { StatusBoard } from "../transport/status-board.ts";
import type {
  ConnectionStatus,
  OpenOptions,
  StatusListener,
  Transport,
  TransportConnection,
} from "../transport/transport.ts";
import { type Logger, silentLogger } from "../logging/logger.ts";
import { MemoryBroker, type SharedMemoryBroker } from "./memory-broker.ts";
import { MemoryConnection } from "./memory-connection.ts";

/**
 * Options of `MemoryTransport`.
 *
 * @example
 * ```ts
 * import { MemoryBroker, type MemoryTransportOptions } from "@magicbutton/messaging";
 *
 * const options: MemoryTransportOptions = { broker: new MemoryBroker() };
 * ```
 */
export interface MemoryTransportOptions {
  /** The broker to join. @default a broker of this transport's own */
  readonly broker?: SharedMemoryBroker;
  /** Hears of callbacks that throw. @default silent */
  readonly logger?: Logger;
  /** Time and randomness, also of the broker that it makes where it is given none. @default the runtime's */
  readonly clock?: Clock;
}

/**
 * A transport inside one process, for tests, demos and embedded use: the same bytes, queue groups, wildcards and limits
 * as over NATS.
 *
 * @example
 * ```ts
 * import { MemoryTransport } from "@magicbutton/messaging";
 *
 * const transport = new MemoryTransport();
 * console.log(transport.status);
 * ```
 */
export class MemoryTransport implements Transport {
  /** Always `"memory"`. */
  readonly kind = "memory" as const;
  readonly #board: StatusBoard;
  readonly #shared: SharedResource<SharedMemoryBroker>;
  readonly #logger: Logger;
  readonly #clock: Clock;

  /** A transport on a shared broker, or on one of its own. Never throws. */
  constructor(options: MemoryTransportOptions = {}) {
    this.#logger = options.logger ?? silentLogger;
    this.#clock = options.clock ?? systemClock;
    this.#board = new StatusBoard((error) => this.#logger.error("A status listener threw", { error }));
    const broker = options.broker ?? new MemoryBroker({ clock: this.#clock });
    this.#shared = new SharedResource({
      open: async () => {
        this.#board.set("connecting");
        await Promise.resolve();
        this.#board.set("connected");
        return broker;
      },
      close: async () => {
        await Promise.resolve();
        this.#board.set("closed");
      },
    });
  }

  /** The state of the connection. */
  get status(): ConnectionStatus {
    return this.#board.status;
  }

  /** Hears of changes; the function that comes back ends it. Never throws. */
  onStatus(listener: StatusListener): () => void {
    return this.#board.listen(listener);
  }

  /**
   * Joins the broker.
   *
   * @throws {MessagingError} `CANCELLED` by the signal
   */
  async open(options: OpenOptions = {}): Promise<TransportConnection> {
    const { resource: broker, leave } = await this.#shared.join(options.signal);
    return new MemoryConnection({ broker, leave, clock: this.#clock, logger: this.#logger });
  }
}
