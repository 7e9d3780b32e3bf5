import type { MessagingError } from "../errors/messaging-error.ts";
import { openEventStore } from "../durable/open-event-store.ts";
import type { EventStore, StoredMessage, StreamDefinition, StreamReader } from "../transport/event-store.ts";
import type { TransportConnection } from "../transport/transport.ts";
import { EdgeRefusal } from "./edge-refusal.ts";
import { positionFrame, resetFrame } from "./event-frame.ts";
import { EventFramer, type EventFramerOptions } from "./event-framer.ts";
import type { EventSource } from "./event-source.ts";
import type { StreamStart } from "./stream-start.ts";
import type { StreamWriter } from "./stream-writer.ts";

/** How long the broker may take to say what a stream has, in milliseconds. */
const brokerPatienceMs = 5_000;

/** What a stored subscription is made of. */
export interface StoredSubscriptionOptions extends EventFramerOptions {
  /** Which of the stream's messages, with the namespace. */
  readonly subject: string;
  /** The stream that has them. */
  readonly stream: StreamDefinition;
  readonly now: () => number;
}

interface JoinedStream {
  /** The last event that it has. */
  position: number;
  /** Whether it hears what all hear. */
  isLive: boolean;
  /** Reads what it has missed, before. */
  catchUp: StreamReader | undefined;
}

/**
 * The stored events of one subject: read once for all streams that are up to date. A stream that begins before reads by
 * itself until it has what the others have, and joins them.
 */
export class StoredSubscription implements EventSource {
  readonly #options: StoredSubscriptionOptions;
  readonly #framer: EventFramer;
  readonly #streams = new Map<StreamWriter, JoinedStream>();
  readonly #store: Promise<EventStore>;
  readonly #reading: Promise<void>;
  #reader: StreamReader | undefined;
  /** The newest sequence up to which all have been told. */
  #told = 0;
  #ended = false;

  /** Reads at once. */
  constructor(connection: TransportConnection, options: StoredSubscriptionOptions) {
    this.#options = options;
    this.#framer = new EventFramer(options);
    this.#store = openEventStore(connection, options.target.operation.name);
    this.#reading = this.#read();
    this.#reading.catch(() => {});
  }

  /** How many streams show it. */
  get size(): number {
    return this.#streams.size;
  }

  /** Adds a stream; resolves when its events come. */
  async join(stream: StreamWriter, start: StreamStart): Promise<void> {
    const { now } = this.#options;
    let { position } = start;
    const joined: JoinedStream = { position: 0, isLive: false, catchUp: undefined };
    this.#streams.set(stream, joined);
    await this.#reading;
    if (position === "new") {
      joined.position = this.#told;
      joined.isLive = true;
      return stream.push(positionFrame(String(this.#told)), now());
    }
    const { first, last: seen } = await this.#bounds();
    // The broker's answer may be older than what it has sent meanwhile, and that is not told again.
    const last = Math.max(seen, this.#told);
    if (typeof position === "object" && "sequence" in position) {
      if (position.sequence > last + 1) throw neverGiven(start);
      if (position.sequence < first) {
        if (start.resumes) stream.push(resetFrame("Events since the last one are no longer stored"), now());
        position = { sequence: first };
      }
      joined.position = position.sequence - 1;
      joined.isLive = position.sequence > last;
      if (joined.isLive) return;
    }
    const store = await this.#store;
    // It may have left meanwhile.
    if (!this.#streams.has(stream)) return;
    await this.#catchUp(store, stream, joined, position);
  }

  /** Takes a stream away. */
  leave(stream: StreamWriter): void {
    void this.#streams.get(stream)?.catchUp?.stop();
    this.#streams.delete(stream);
  }

  /** Nothing is missing: reading goes on where it was. */
  tellOutage(): void {}

  /** Ends it: nothing is heard after that. */
  end(): void {
    this.#ended = true;
    for (const stream of [...this.#streams.keys()]) this.leave(stream);
    void this.#reader?.stop();
  }

  async #read(): Promise<void> {
    const { stream, subject, logger } = this.#options;
    const store = await this.#store;
    const reader = this.#reader = store.replay({
      stream,
      subject,
      from: "new",
      onMessage: (message) => this.#takeForAll(message),
      onReset: () => this.#resetAll(),
      onState: (state, error) => {
        logger.info("Stored events", { subject, state, error });
        // Nothing more would come: whoever listens is told, and may come back.
        if (state === "ended" && error !== undefined) this.#failAll(error);
      },
    });
    if (this.#ended) void reader.stop();
    await reader.ready.catch(async (error) => {
      // Where the stream is gone and the gateway may not make it, that is what its callers are told.
      await this.#bounds();
      throw error;
    });
    const { last } = await this.#bounds();
    this.#told = Math.max(this.#told, last);
  }

  async #bounds(): Promise<{ readonly first: number; readonly last: number }> {
    const { stream, target: { operation } } = this.#options;
    return await (await this.#store).bounds(stream.name, {
      timeoutMs: brokerPatienceMs,
      operation: operation.name,
    });
  }

  async #takeForAll(message: StoredMessage): Promise<void> {
    const frame = await this.#frame(message);
    this.#told = Math.max(this.#told, message.sequence);
    if (frame === undefined) return;
    const now = this.#options.now();
    for (const [stream, joined] of this.#streams) {
      if (!joined.isLive || message.sequence <= joined.position) continue;
      this.#pass(stream, frame, now);
    }
  }

  #catchUp(
    store: EventStore,
    stream: StreamWriter,
    joined: JoinedStream,
    from: Exclude<StreamStart["position"], "new">,
  ): Promise<void> {
    const { stream: definition, subject, logger, now } = this.#options;
    const begunAt = this.#told;
    let isAtEnd = false;
    const joinWhenDone = (): void => {
      // Up to where it began it has all that match, whatever the last one's sequence is.
      if (!isAtEnd || Math.max(joined.position, begunAt) < this.#told) return;
      joined.isLive = true;
      void joined.catchUp?.stop();
    };
    joined.catchUp = store.replay({
      stream: definition,
      subject,
      from,
      onMessage: async (message) => {
        const frame = await this.#frame(message);
        if (joined.isLive) return;
        joined.position = message.sequence;
        if (frame !== undefined) this.#pass(stream, frame, now());
        joinWhenDone();
        // What is stored is read no faster than its reader takes it.
        await stream.drained();
      },
      onReset: () => stream.push(resetFrame("Events since the last one are no longer stored"), now()),
      onCaughtUp: () => {
        isAtEnd = true;
        joinWhenDone();
      },
      onState: (state, error) => logger.debug("A reader catches up", { subject, state, error }),
    });
    return joined.catchUp.ready;
  }

  #frame(message: StoredMessage): Promise<Uint8Array | undefined> | Uint8Array | undefined {
    return this.#framer.frame(message, () => ({ id: String(message.sequence), storedAt: message.publishedAt }));
  }

  #pass(stream: StreamWriter, frame: Uint8Array, now: number): void {
    const { target: { counts }, metrics } = this.#options;
    counts.events += 1;
    metrics.delivered += 1;
    stream.push(frame, now);
  }

  #failAll(error: MessagingError): void {
    for (const stream of [...this.#streams.keys()]) stream.end(error, "lost");
  }

  #resetAll(): void {
    this.#told = 0;
    const frame = resetFrame("Events were taken out of the stream before they could be passed on");
    const now = this.#options.now();
    for (const [stream, joined] of this.#streams) {
      joined.position = 0;
      stream.push(frame, now);
    }
  }
}

function neverGiven({ resumes }: StreamStart): EdgeRefusal {
  const what = resumes ? "Last-Event-ID" : "`from`";
  return new EdgeRefusal("INVALID_REQUEST", `${what} is behind the last event that there is`, { reason: "invalid" });
}
