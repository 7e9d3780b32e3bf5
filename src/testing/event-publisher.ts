import type { Contract } from "../contract/contract.ts";
import type { MessagingError } from "../errors/messaging-error.ts";
import { MessageHeaders } from "../message/message-headers.ts";
import type { EventStore, StoredAcknowledgement, StoreMessageOptions } from "../transport/event-store.ts";
import type { TransportConnection, TransportPublishOptions } from "../transport/transport.ts";
import { type BrokerPresence, lostError } from "./broker-presence.ts";
import type { ContractOperations } from "./contract-operations.ts";
import { type Fault, faultError, type PlannedFaults } from "./faults.ts";
import type { HistoryRecorder, RecordedEvent } from "./history-recorder.ts";
import type { Patience, Sending } from "./patience.ts";

/** What an event publisher is made of. */
export interface EventPublisherOptions {
  readonly inner: TransportConnection;
  readonly contract: Contract;
  readonly operations: ContractOperations;
  readonly recorder: HistoryRecorder;
  readonly faults: PlannedFaults;
  readonly presence: BrokerPresence;
  readonly patience: Patience;
  /** What an event says. */
  readonly read: (subject: string, body: Uint8Array, headers: MessageHeaders) => unknown;
}

/** An event of the contract that is on its way. */
interface Publishing {
  readonly recorded: RecordedEvent;
  readonly fault: Fault | undefined;
}

/** Publishes and stores events, with faults and a history. */
export class EventPublisher {
  readonly #options: EventPublisherOptions;

  /** For one connection. */
  constructor(options: EventPublisherOptions) {
    this.#options = options;
  }

  /** Publishes. @throws {MessagingError} the fault's code, `DISCONNECTED` where the broker stays away */
  async publish(subject: string, body: Uint8Array, options: TransportPublishOptions): Promise<void> {
    const { patience } = this.#options;
    const publishing = await this.#begin(subject, body, options.headers);
    if (publishing === undefined) return await this.#publishWhenBack(subject, body, options);
    const { recorded, fault } = publishing;
    const send = async (): Promise<void> => {
      for (let copy = 0; copy <= (fault?.copies ?? 0); copy++) await this.#publishWhenBack(subject, body, options);
      recorded.sent();
    };
    if (fault?.drop !== undefined) return recorded.sent();
    const lateMs = fault?.delayMs ?? fault?.delayAnswerMs;
    if (lateMs === undefined) return await this.#recording(recorded, send);
    // Whoever broadcasts knows nothing of it: the event is late on its way.
    const sending = { operation: options.operation, expiresAt: Infinity, signal: undefined };
    void patience.pause(lateMs, sending, true).then(send).catch((error: MessagingError) => recorded.failed(error));
  }

  /** The same store; what is stored in it is recorded, and may fail. Who reads from it reads as before. */
  recordedStore(store: EventStore): EventStore {
    return {
      ensureStream: (definition, options) => store.ensureStream(definition, options),
      store: (subject, body, options) => this.#store(store, subject, body, options),
      consume: (options) => store.consume(options),
      replay: (options) => store.replay(options),
      read: (stream, query, options) => store.read(stream, query, options),
      remove: (stream, sequence, options) => store.remove(stream, sequence, options),
      bounds: (stream, options) => store.bounds(stream, options),
    };
  }

  /** A stored event is confirmed: one that is lost or late is not, for its deadline or for so long. */
  async #store(
    store: EventStore,
    subject: string,
    body: Uint8Array,
    options: StoreMessageOptions,
  ): Promise<StoredAcknowledgement> {
    const { patience } = this.#options;
    const sending = patience.sending(options);
    const publishing = await this.#begin(subject, body, options.headers);
    if (publishing === undefined) {
      await patience.untilBack(sending);
      return await store.store(subject, body, options);
    }
    const { recorded, fault } = publishing;
    return await this.#recording(recorded, async () => {
      await this.#holdStored(fault, sending);
      const acknowledgement = await store.store(subject, body, options);
      for (let copy = 0; copy < (fault?.copies ?? 0); copy++) await store.store(subject, body, options);
      if (fault?.delayAnswerMs !== undefined) await patience.pause(fault.delayAnswerMs, sending, true);
      if (fault?.drop === "answer") await patience.pause(Infinity, sending, true);
      recorded.sent();
      return acknowledgement;
    });
  }

  async #holdStored(fault: Fault | undefined, sending: Sending): Promise<void> {
    const { patience } = this.#options;
    await patience.untilBack(sending);
    if (fault?.delayMs !== undefined) await patience.pause(fault.delayMs, sending, false);
    if (fault?.drop === "request") await patience.pause(Infinity, sending, true);
  }

  /** Records an event; `undefined` where it is none of the contract. @throws {MessagingError} the fault's code */
  async #begin(
    subject: string,
    body: Uint8Array,
    headers: MessageHeaders = MessageHeaders.empty,
  ): Promise<Publishing | undefined> {
    const { contract, operations, recorder, faults, read } = this.#options;
    const operation = operations.eventAt(subject);
    if (operation === undefined) return undefined;
    const { name } = operation;
    const fault = faults.take(name);
    const data = await read(subject, body, headers);
    const message = { operation: name, subject, headers, data, bytes: body.length, fault: fault?.description };
    const recorded = recorder.recordEvent(message);
    if (fault?.error === undefined) return { recorded, fault };
    const error = faultError(contract, name, fault.error);
    recorded.failed(error);
    throw error;
  }

  async #recording<Value>(recorded: RecordedEvent, work: () => Promise<Value>): Promise<Value> {
    try {
      return await work();
    } catch (error) {
      recorded.failed(error as MessagingError);
      throw error;
    }
  }

  async #publishWhenBack(subject: string, body: Uint8Array, options: TransportPublishOptions): Promise<void> {
    const { inner, presence, patience } = this.#options;
    if (presence.isAway) {
      await patience.untilBack(patience.sending(options)).catch((error: MessagingError) => {
        throw error.code === "TIMEOUT" ? lostError(options.operation, false, "the broker stayed away") : error;
      });
    }
    await inner.publish(subject, body, options);
  }
}
