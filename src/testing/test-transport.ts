import type { Contract } from "../contract/contract.ts";
import { MessagingError } from "../errors/messaging-error.ts";
import { type Logger, silentLogger } from "../logging/logger.ts";
import { MemoryTransport } from "../memory/memory-transport.ts";
import type { PayloadEncryption } from "../message/payload-encryption.ts";
import { type Clock, systemClock } from "../transport/clock.ts";
import { raceAbort } from "../transport/race-abort.ts";
import { StatusBoard } from "../transport/status-board.ts";
import type {
  ConnectionStatus,
  OpenOptions,
  StatusListener,
  Transport,
  TransportConnection,
} from "../transport/transport.ts";
import { BrokerPresence } from "./broker-presence.ts";
import { ContractOperations } from "./contract-operations.ts";
import { type Faults, PlannedFaults } from "./faults.ts";
import { HistoryRecorder } from "./history-recorder.ts";
import type { HistoryLimits, MessageHistory } from "./message-history.ts";
import { TestConnection } from "./test-connection.ts";

/**
 * Options of `TestTransport`.
 *
 * @example
 * ```ts
 * import type { Contract } from "@magicbutton/messaging";
 * import type { TestTransportOptions } from "@magicbutton/messaging/testing";
 *
 * export const optionsFor = <C extends Contract>(contract: C): TestTransportOptions<C> => ({
 *   contract,
 *   history: { maxMessages: 100 },
 * });
 * ```
 */
export interface TestTransportOptions<C extends Contract> {
  /** Whose messages are recorded, and may be made to fail. */
  readonly contract: C;
  /** What messages travel over. @default a `MemoryTransport` of its own */
  readonly transport?: Transport;
  /** What stands before the contract's subjects, as the clients and servers have it. @default none */
  readonly namespace?: string;
  /** What the clients and servers encrypt with, so that the history can be read. @default none */
  readonly encryption?: PayloadEncryption;
  /** How much the history holds. @default 10000 messages, 32 MiB */
  readonly history?: HistoryLimits;
  /** Time, for delays and deadlines. @default the runtime's */
  readonly clock?: Clock;
  /** Hears of callbacks that throw. @default silent */
  readonly logger?: Logger;
}

/**
 * A transport around another one that writes down what is sent and makes messages fail on purpose. Clients and servers
 * under test are given it in place of their own transport and stay as they are.
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract, createMessagingClient } from "@magicbutton/messaging";
 * import { TestTransport } from "@magicbutton/messaging/testing";
 *
 * const contract = createContract({
 *   name: "clock",
 *   version: "1.0.0",
 *   requests: { now: { request: v.object({ zone: v.string() }), response: v.object({ iso: v.string() }) } },
 * });
 * const transport = new TestTransport({ contract });
 * const client = createMessagingClient({ contract, transport });
 * await client.connect();
 * transport.faults.fail("now", "BUSY", { retryAfterMs: 50 });
 * await client.request("now", { zone: "UTC" }).catch((error) => console.log(error.code));
 * console.log(transport.history.requests.last("now")?.outcome);
 * await client.disconnect();
 * ```
 */
export class TestTransport<C extends Contract> implements Transport {
  /** What happens on purpose. */
  readonly faults: Faults<C>;
  /** What was sent. */
  readonly history: MessageHistory<C>;
  readonly #inner: Transport;
  readonly #board: StatusBoard;
  readonly #presence: BrokerPresence = new BrokerPresence();
  readonly #connections: Set<TestConnection> = new Set();
  readonly #connect: (inner: TransportConnection) => TestConnection;

  /**
   * Around a transport.
   *
   * @throws {TypeError} for a namespace or limits that are none
   */
  constructor(options: TestTransportOptions<C>) {
    const { contract, encryption, clock = systemClock, logger = silentLogger } = options;
    this.#inner = options.transport ?? new MemoryTransport({ clock, logger });
    this.#board = new StatusBoard((error) => logger.error("A status listener threw", { error }));
    const recorder = new HistoryRecorder<C>(contract, options.history);
    const faults = new PlannedFaults(contract);
    this.history = recorder;
    this.faults = faults as unknown as Faults<C>;
    const operations = new ContractOperations(contract, options.namespace);
    this.#connect = (inner) =>
      new TestConnection({
        inner,
        contract,
        operations,
        recorder: recorder as unknown as HistoryRecorder,
        faults,
        presence: this.#presence,
        encryption,
        clock,
        onClose: (connection) => this.#connections.delete(connection),
      });
    this.#inner.onStatus((status, error) => {
      if (!this.#presence.isAway || status === "closed") this.#board.set(status, error);
    });
  }

  /** The kind of the transport it is around. */
  get kind(): string {
    return this.#inner.kind;
  }

  /** The state of the connection. */
  get status(): ConnectionStatus {
    return this.#presence.isAway && this.#connections.size > 0 ? "reconnecting" : this.#inner.status;
  }

  /** Why there is no connection, where that is known. */
  get statusError(): Error | undefined {
    return this.#presence.isAway ? this.#board.error : this.#inner.statusError;
  }

  /** Hears of changes; the function that comes back ends it. Never throws. */
  onStatus(listener: StatusListener): () => void {
    return this.#board.listen(listener);
  }

  /**
   * Joins the connection; while the broker is away it waits.
   *
   * @throws {MessagingError} what the transport that it is around throws, `CANCELLED` by the signal
   */
  async open(options: OpenOptions = {}): Promise<TransportConnection> {
    if (this.#presence.isAway) await raceAbort(this.#presence.back(), options.signal);
    const connection = this.#connect(await this.#inner.open(options));
    this.#connections.add(connection);
    return connection;
  }

  /**
   * Loses the broker for everybody on this transport, until `reconnect()`: requests on their way reject with
   * `DISCONNECTED`, those that come now wait for it until their deadline, answers on their way are lost, and subscriptions
   * hear nothing. Never throws.
   */
  disconnect(reason = "the broker was lost on purpose"): void {
    const error = new MessagingError("DISCONNECTED", `The connection was lost: ${reason}`);
    if (!this.#presence.lose(error)) return;
    for (const connection of this.#connections) connection.lose();
    if (this.#connections.size > 0) this.#board.set("reconnecting", error);
  }

  /**
   * Brings the broker back; resolves when the broker has every subscription again, and all have heard of the gap.
   *
   * @throws {MessagingError} as `ready` of a subscription, where the broker does not take it again
   */
  async reconnect(): Promise<void> {
    if (!this.#presence.isAway) return;
    await Promise.all([...this.#connections].map((connection) => connection.restore()));
    this.#presence.restore();
    this.#board.set(this.#inner.status);
    for (const connection of this.#connections) connection.tellGap();
  }
}
