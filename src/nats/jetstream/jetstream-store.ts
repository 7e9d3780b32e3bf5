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
import type { BrokerStreams } from "./broker-streams.ts";
import { DurableReader } from "./durable-reader.ts";
import { ensureStream } from "./ensure-stream.ts";
import { ReplayReader } from "./replay-reader.ts";
import { storeMessage } from "./store-message.ts";
import { readStored, removeStored, streamBounds } from "./stored-messages.ts";
import { StreamApi } from "./stream-api.ts";

/** JetStream's streams, over one participant's share of a connection. */
export class JetStreamStore implements EventStore {
  readonly #streams: BrokerStreams;
  readonly #api: StreamApi;
  readonly #readers = new Set<StreamReader>();
  readonly #closing = new AbortController();

  /** Nothing is asked yet. */
  constructor(streams: BrokerStreams) {
    this.#streams = streams;
    this.#api = new StreamApi(streams);
  }

  /** Makes the stream, or compares it with what is there. */
  async ensureStream(definition: StreamDefinition, options: StoreCallOptions): Promise<void> {
    await ensureStream(this.#api, definition, options);
  }

  /** Stores a message; resolves when the stream has it. */
  store(subject: string, body: Uint8Array, options: StoreMessageOptions): Promise<StoredAcknowledgement> {
    return storeMessage(this.#streams, this.#api, subject, body, options);
  }

  /** Shares a durable consumer's messages. */
  consume(options: ConsumeOptions): StreamReader {
    return this.#keep(new DurableReader(this.#streams, this.#api, options, this.#closing.signal));
  }

  /** Reads alone, in order, from anywhere. */
  replay(options: ReplayOptions): StreamReader {
    return this.#keep(new ReplayReader(this.#streams, this.#api, options));
  }

  /** The first message at a sequence or behind it whose subject matches. */
  read(
    stream: string,
    query: { readonly sequence: number; readonly subject: string },
    options: StoreCallOptions,
  ): Promise<StoredMessage | undefined> {
    return readStored(this.#api, stream, query, options);
  }

  /** Takes a message out of the stream. */
  remove(stream: string, sequence: number, options: StoreCallOptions): Promise<boolean> {
    return removeStored(this.#api, stream, sequence, options);
  }

  /** The stream's oldest and newest sequence. */
  bounds(stream: string, options: StoreCallOptions): Promise<{ readonly first: number; readonly last: number }> {
    return streamBounds(this.#api, stream, options);
  }

  /** Ends its readers, at once: the connection is about to be left. */
  close(): void {
    this.#closing.abort();
    for (const reader of this.#readers) void reader.stop();
    this.#readers.clear();
  }

  #keep<Reader extends StreamReader>(reader: Reader): Reader {
    this.#readers.add(reader);
    return reader;
  }
}
