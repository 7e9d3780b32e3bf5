import { isMessagingError, MessagingError } from "../../errors/messaging-error.ts";
import type { Logger } from "../../logging/logger.ts";
import { MessageHeaders } from "../../message/message-headers.ts";
import type { Clock } from "../../transport/clock.ts";
import type {
  ConsumeOptions,
  EventStore,
  ReplayOptions,
  StoreCallOptions,
  StoredAcknowledgement,
  StoredMessage,
  StoreMessageOptions,
  StreamDefinition,
  StreamReader,
} from "../../transport/event-store.ts";
import { createIdentifierSource, type IdentifierSource, requestIdLength } from "../../transport/identifiers.ts";
import type { TransportConnection } from "../../transport/transport.ts";
import type { SharedMemoryBroker } from "../memory-broker.ts";
import { MemoryStreams } from "./memory-streams.ts";
import { readAcknowledgement } from "./read-acknowledgement.ts";
import { storeHeaders } from "./store-headers.ts";
import type { KeptReader, ReaderOwner, StreamKeeper } from "./stream-keeper.ts";

/** What a participant's store is made of. */
export interface MemoryEventStoreOptions {
  /** The broker's streams. */
  readonly keeper: StreamKeeper;
  /** The participant's connection. */
  readonly connection: Pick<TransportConnection, "request">;
  /** Time and randomness. */
  readonly clock: Clock;
  /** Hears of callbacks that throw. */
  readonly logger: Logger;
}

/** A participant's store at a broker whose streams it makes where it is the first to ask. */
export function openEventStore(
  broker: SharedMemoryBroker,
  options: Omit<MemoryEventStoreOptions, "keeper">,
): MemoryEventStore {
  // Only this file puts one there, or the same file of another copy.
  const keeper = (broker["~streams"] ??= new MemoryStreams(broker)) as StreamKeeper;
  return new MemoryEventStore({ ...options, keeper });
}

/** One participant's use of the streams of a memory broker. */
export class MemoryEventStore implements EventStore {
  readonly #keeper: StreamKeeper;
  readonly #connection: Pick<TransportConnection, "request">;
  readonly #identifiers: IdentifierSource;
  readonly #owner: ReaderOwner;
  readonly #readers = new Set<KeptReader>();
  #open = true;

  /** Nothing is read yet. */
  constructor(options: MemoryEventStoreOptions) {
    this.#keeper = options.keeper;
    this.#connection = options.connection;
    this.#identifiers = createIdentifierSource(options.clock);
    this.#owner = { isOpen: () => this.#open, logger: options.logger };
  }

  /** Makes the stream, or compares it with what is there. */
  ensureStream(definition: StreamDefinition, options: StoreCallOptions): Promise<void> {
    return this.#call(options, () => {
      const subjects = this.#keeper.ensure(definition);
      if (subjects.length > 0) {
        this.#owner.logger.info("Subjects were added to a stream", { stream: definition.name, subjects });
      }
    });
  }

  /** Stores a message: a request that the stream answers, as over NATS. */
  async store(subject: string, body: Uint8Array, options: StoreMessageOptions): Promise<StoredAcknowledgement> {
    const { stream, messageId, headers = MessageHeaders.empty, operation } = options;
    try {
      return await this.#connection.request(subject, body, {
        ...options,
        requestId: this.#identifiers.next(requestIdLength),
        headers: MessageHeaders.fromTrusted([
          ...headers,
          [storeHeaders.messageId, messageId],
          [storeHeaders.expectedStream, stream],
        ]),
        read: (message) => readAcknowledgement(message.body, stream, operation),
      });
    } catch (error) {
      if (!isMessagingError(error, "NO_RESPONDERS")) throw error;
      throw new MessagingError("NO_RESPONDERS", `No stream takes "${operation}"`, { operation, cause: error });
    }
  }

  /** Shares a durable consumer's messages. */
  consume(options: ConsumeOptions): StreamReader {
    return this.#read((onState) => this.#keeper.consume({ ...options, onState }, this.#owner), options);
  }

  /** Reads alone, in order. */
  replay(options: ReplayOptions): StreamReader {
    return this.#read((onState) => this.#keeper.replay({ ...options, onState }, this.#owner), options);
  }

  /** The first message at a sequence or behind it. */
  read(
    stream: string,
    query: { readonly sequence: number; readonly subject: string },
    options: StoreCallOptions,
  ): Promise<StoredMessage | undefined> {
    return this.#call(options, () => this.#keeper.read(stream, query));
  }

  /** Takes a message out. */
  remove(stream: string, sequence: number, options: StoreCallOptions): Promise<boolean> {
    return this.#call(options, () => this.#keeper.remove(stream, sequence));
  }

  /** The stream's oldest and newest sequence. */
  bounds(stream: string, options: StoreCallOptions): Promise<{ readonly first: number; readonly last: number }> {
    return this.#call(options, () => this.#keeper.bounds(stream));
  }

  /** Ends all reading: the participant leaves. */
  close(): void {
    this.#open = false;
    for (const reader of this.#readers) reader.end(closed("Reading was ended"));
  }

  #read(
    begin: (onState: ConsumeOptions["onState"]) => KeptReader,
    { onState }: Pick<ConsumeOptions, "onState">,
  ): KeptReader {
    const reader = begin((state, error) => {
      if (state === "ended") this.#readers.delete(reader);
      onState(state, error);
    });
    this.#readers.add(reader);
    if (!this.#open) reader.end(closed("Cannot read"));
    return reader;
  }

  // deno-lint-ignore require-await -- what the call throws is to be a rejection
  async #call<Value>({ operation, signal }: StoreCallOptions, call: () => Value): Promise<Value> {
    if (!this.#open) throw closed(`Cannot do "${operation}"`, operation);
    if (signal?.aborted) {
      throw new MessagingError("CANCELLED", `"${operation}" was cancelled by its caller`, {
        operation,
        execution: "not-executed",
        cause: signal.reason,
      });
    }
    return call();
  }
}

function closed(what: string, operation?: string): MessagingError {
  return new MessagingError("DISCONNECTED", `${what}: the connection was closed`, {
    operation,
    execution: "not-executed",
  });
}
