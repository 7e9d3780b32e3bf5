import type { Contract, EventOperation } from "../contract/contract.ts";
import { isMessagingError, MessagingError } from "../errors/messaging-error.ts";
import type { MessageHeaders } from "../message/message-headers.ts";
import type { Clock } from "../transport/clock.ts";
import type { EventStore, StoredAcknowledgement } from "../transport/event-store.ts";
import { createIdentifierSource, type IdentifierSource, unguessableLength } from "../transport/identifiers.ts";
import { pause } from "../transport/pause.ts";
import { payloadTooLarge } from "../transport/payload-limit.ts";
import { reconnectDelayMs } from "../transport/reconnect-delay.ts";
import type { TransportConnection } from "../transport/transport.ts";
import { type ContractStreams, contractStreams } from "./contract-streams.ts";
import { openEventStore } from "./open-event-store.ts";
import { isEventId, scopedMessageId } from "./scoped-message-id.ts";

/** How many bytes wait for the stream at most: over that a broker that is away would cost all the memory there is. */
const maximumPendingBytes = 64 * 1024 * 1024;
/** What a dead letter has beside its event, its subject apart: a stored event always fits into its letter. */
const letterBytes = 1024;
const passingCodes = new Set(["TIMEOUT", "NO_RESPONDERS", "DISCONNECTED"]);

/** What a durable publisher is made of. */
export interface DurablePublisherOptions {
  /** The contract with durable events. */
  readonly contract: Contract;
  /** In front of every subject. */
  readonly namespace: string | undefined;
  /** The connection now. @throws {MessagingError} `DISCONNECTED` where there is none */
  readonly connection: () => TransportConnection;
  /** Time and randomness. */
  readonly clock: Clock;
}

/** An event on its way into its stream. */
export interface DurablePublication {
  /** Which event. */
  readonly operation: EventOperation;
  /** Where it is published. */
  readonly subject: string;
  /** Its body. */
  readonly body: Uint8Array;
  /** Stored with it. */
  readonly headers: MessageHeaders;
  /** How long it may take, in milliseconds. */
  readonly timeoutMs: number;
  /** The caller's own, for deduplication. */
  readonly id: string | undefined;
}

/** Opens a durable publisher. @throws {MessagingError} `UNSUPPORTED` where the connection stores nothing */
export async function openDurablePublisher(
  connection: TransportConnection,
  options: DurablePublisherOptions,
): Promise<DurablePublisher> {
  return new DurablePublisher(await openEventStore(connection), options);
}

/** Stores durable events: with one id however often it tries, until the stream has them or their time is over. */
export class DurablePublisher {
  readonly #store: EventStore;
  readonly #options: DurablePublisherOptions;
  readonly #streams: ContractStreams;
  readonly #identifiers: IdentifierSource;
  #pendingBytes = 0;
  #making: Promise<void> | undefined;

  /** For one connection. */
  constructor(store: EventStore, options: DurablePublisherOptions) {
    this.#store = store;
    this.#options = options;
    this.#streams = contractStreams(options.contract, options.namespace);
    this.#identifiers = createIdentifierSource(options.clock);
  }

  /** Makes the contract's streams, or compares them with what is there. @throws {MessagingError} as `ensureStream` */
  async ensureStreams(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    const options = { timeoutMs, signal, operation: this.#options.contract.name };
    await Promise.all([
      this.#store.ensureStream(this.#streams.events, options),
      this.#store.ensureStream(this.#streams.deadLetters, options),
    ]);
  }

  /** Stores one. @throws {MessagingError} as `EventStore.store`, and `INVALID_EVENT` for options that cannot work */
  async publish(publication: DurablePublication): Promise<StoredAcknowledgement> {
    const { subject, body, id } = publication;
    this.#check(publication);
    this.#pendingBytes += body.length;
    try {
      const messageId = id === undefined
        ? this.#identifiers.next(unguessableLength)
        : await scopedMessageId(subject, id);
      return await this.#untilStored(publication, messageId);
    } finally {
      this.#pendingBytes -= body.length;
    }
  }

  async #untilStored(publication: DurablePublication, messageId: string): Promise<StoredAcknowledgement> {
    const { connection, clock } = this.#options;
    const { operation, subject, body, headers, timeoutMs } = publication;
    const end = clock.now() + timeoutMs;
    for (let attempt = 1;; attempt++) {
      try {
        const stored = await this.#store.store(subject, body, {
          stream: this.#streams.events.name,
          messageId,
          headers,
          timeoutMs: attempt === 1 ? timeoutMs : end - clock.now(),
          operation: operation.name,
        });
        return this.#checked(operation, stored);
      } catch (error) {
        const remainingMs = end - clock.now();
        if (remainingMs <= 0 || !isMessagingError(error) || !passingCodes.has(error.code)) throw error;
        // A server that was stopped publishes nothing more.
        connection();
        if (error.code === "NO_RESPONDERS") await this.#makeAgain(remainingMs);
        await pause(clock, Math.min(remainingMs, reconnectDelayMs(attempt, clock)));
      }
    }
  }

  /** Makes the streams that are gone, once for all that wait. */
  async #makeAgain(timeoutMs: number): Promise<void> {
    this.#making ??= this.ensureStreams(timeoutMs).finally(() => this.#making = undefined);
    try {
      await this.#making;
    } catch (error) {
      // Who waits with a longer time than the one that began is not told of that one's.
      if (!isMessagingError(error) || !passingCodes.has(error.code)) throw error;
    }
  }

  #checked(operation: EventOperation, stored: StoredAcknowledgement): StoredAcknowledgement {
    const { stream, sequence, duplicate } = stored;
    if (stream === this.#streams.events.name && Number.isSafeInteger(sequence) && sequence > 0) {
      return { stream, sequence, duplicate };
    }
    const text = `Event "${operation.name}" was acknowledged by somebody else than its stream`;
    throw new MessagingError("INTERNAL", text, { operation: operation.name });
  }

  #check({ operation, subject, body, headers, timeoutMs, id }: DurablePublication): void {
    const { name } = operation;
    const refused = (reason: string): MessagingError =>
      new MessagingError("INVALID_EVENT", `Event "${name}" was not sent: ${reason}`, { operation: name });
    const longestMs = this.#streams.events.duplicateWindowMs;
    if (timeoutMs > longestMs) {
      throw refused(`timeoutMs is ${timeoutMs}: its stream remembers ids for ${longestMs} ms, so that is the longest`);
    }
    if (id !== undefined && !isEventId(id)) {
      throw refused("its id is none: 1 to 128 characters of printable ASCII without spaces are wanted");
    }
    const { maxPayloadBytes } = this.#options.connection();
    let bytes = body.length + subject.length + letterBytes;
    for (const [header, value] of headers) bytes += header.length + value.length + 4;
    if (bytes > maxPayloadBytes) throw payloadTooLarge(bytes, maxPayloadBytes, name);
    if (this.#pendingBytes > 0 && this.#pendingBytes + body.length > maximumPendingBytes) {
      const text = `Event "${name}" was not sent: ${this.#pendingBytes} bytes of events wait for their stream already`;
      throw new MessagingError("BUSY", text, { operation: name });
    }
  }
}
