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
import { AbortListeners } from "../../transport/abort-listeners.ts";
import { closedError } from "../connection-errors.ts";
import type { BrokerStreams } from "./broker-streams.ts";
import { DurableReader } from "./durable-reader.ts";
import { ensureStream } from "./ensure-stream.ts";
import type { EndableReader, ReaderKeeper } from "./reader-keeper.ts";
import { ReplayReader } from "./replay-reader.ts";
import { storeMessage, type Storing } from "./store-message.ts";
import { readStored, removeStored, streamBounds } from "./stored-messages.ts";
import { StreamApi } from "./stream-api.ts";
import { StreamPresence } from "./stream-presence.ts";

/** JetStream's streams, over one participant's share of a connection. */
export class JetStreamStore implements EventStore {
  readonly #streams: BrokerStreams;
  readonly #api: StreamApi;
  readonly #storing: Storing;
  readonly #readers = new Set<EndableReader>();
  readonly #closing = new AbortController();
  readonly #keeper: ReaderKeeper = {
    closing: this.#closing.signal,
    takesAway: true,
    onEnd: (reader) => void this.#readers.delete(reader),
  };

  /** Nothing is asked yet. */
  constructor(streams: BrokerStreams) {
    this.#streams = streams;
    this.#api = new StreamApi(streams);
    const presence = new StreamPresence(this.#api, streams.clock);
    const closing = this.#closing.signal;
    this.#storing = { streams, api: this.#api, presence, closing, aborts: new AbortListeners() };
  }

  /** Makes the stream, or compares it with what is there. */
  ensureStream(definition: StreamDefinition, options: StoreCallOptions): Promise<void> {
    return ensureStream(this.#streams, this.#api, definition, options);
  }

  /** Stores a message; resolves when the stream has it. */
  store(subject: string, body: Uint8Array, options: StoreMessageOptions): Promise<StoredAcknowledgement> {
    return storeMessage(this.#storing, subject, body, options);
  }

  /** Shares a durable consumer's messages. */
  consume(options: ConsumeOptions): StreamReader {
    return this.#keep(new DurableReader(this.#streams, this.#api, options, this.#keeper));
  }

  /** Reads alone, in order, from anywhere. */
  replay(options: ReplayOptions): StreamReader {
    return this.#keep(new ReplayReader(this.#streams, this.#api, options, this.#keeper));
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
    for (const reader of this.#readers) void reader.end(closedError());
  }

  #keep(reader: EndableReader): StreamReader {
    this.#readers.add(reader);
    if (this.#closing.signal.aborted) void reader.end(closedError());
    return reader;
  }
}
