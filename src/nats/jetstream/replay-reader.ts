import type { ConsumerInfo } from "@nats-io/jetstream";
import type { MessagingError } from "../../errors/messaging-error.ts";
import type {
  ReadingState,
  ReplayOptions,
  StartPosition,
  StoreCallOptions,
  StoredMessage,
  StreamReader,
} from "../../transport/event-store.ts";
import { createIdentifierSource, unguessableLength } from "../../transport/identifiers.ts";
import { ReadingStatus } from "../../transport/reading-status.ts";
import type { TransportMessage } from "../../transport/transport.ts";
import type { BrokerStreams } from "./broker-streams.ts";
import { startOf } from "./consumer-configuration.ts";
import { readDeliverySubject } from "./delivery-subject.ts";
import { findStream, openStream, type StreamDescription } from "./ensure-stream.ts";
import { lostOrEnded } from "./lost-or-ended.ts";
import { messageLost, PullLoop } from "./pull-loop.ts";
import { keepReading } from "./reading-loop.ts";
import type { ReaderKeeper } from "./reader-keeper.ts";
import { ReplayQueue } from "./replay-queue.ts";
import type { StreamApi } from "./stream-api.ts";

const callMs = 3_000;
/** As many messages are on their way or wait here, at most. */
const windowSize = 64;
/** The broker forgets a consumer that nobody asks for this long, in milliseconds. */
const forgottenAfterMs = 60_000;

/**
 * Reads a stream alone and in order, through a consumer that the broker forgets and that needs no acknowledgements: what it
 * sends is numbered, so that a message that was lost on its way shows, and reading begins again behind the last one.
 */
export class ReplayReader implements StreamReader {
  readonly #streams: BrokerStreams;
  readonly #api: StreamApi;
  readonly #options: ReplayOptions;
  readonly #keeper: ReaderKeeper;
  readonly #status: ReadingStatus;
  readonly #queue: ReplayQueue;
  readonly #ending = new AbortController();
  #loop: PullLoop | undefined;
  #consumer: string | undefined;
  /** When the stream was made that is read, in the broker's words. */
  #created: string | undefined;
  /** The last sequence that was had, or passed by; `undefined` before the first consumer. */
  #last: number | undefined;
  /** The newest sequence when it began. */
  #knownUpTo: number | undefined;
  /** The number of the consumer's last message. */
  #delivered = 0;
  #mayBeLate = false;
  #stopped: Promise<void> | undefined;

  /** Begins at once. */
  constructor(streams: BrokerStreams, api: StreamApi, options: ReplayOptions, keeper: ReaderKeeper) {
    this.#streams = streams;
    this.#api = api;
    this.#options = options;
    this.#keeper = keeper;
    this.#status = new ReadingStatus(options.onState, streams.logger, () => keeper.onEnd(this));
    this.#queue = new ReplayQueue(options, streams.logger, () => this.#loop?.topUp());
    const steps = { attach: () => this.#attach(), read: () => this.#read() };
    void keepReading(streams, this.#status, steps, this.#ending.signal);
  }

  /** How it stands. */
  get state(): ReadingState {
    return this.#status.state;
  }

  /** Resolves when it reads for the first time. */
  get ready(): Promise<void> {
    return this.#status.ready;
  }

  /** Takes no further messages. */
  stop(): Promise<void> {
    return this.end();
  }

  /** The same, with why where it is not wanted by who reads. */
  end(error?: MessagingError): Promise<void> {
    return this.#stopped ??= this.#end(error);
  }

  async #end(error: MessagingError | undefined): Promise<void> {
    this.#ending.abort();
    this.#queue.stop();
    this.#loop?.stop();
    this.#status.ended(error);
    await this.#forget();
  }

  async #attach(): Promise<void> {
    const { stream } = this.#options;
    await this.#forget();
    const found = await openStream(this.#api, stream, this.#call);
    const name = `replay-${createIdentifierSource(this.#streams.clock).next(unguessableLength)}`;
    // With what it filters, the broker's permissions can say which events somebody may read.
    const { delivered, num_pending: pending } = await this.#api.ask<ConsumerInfo>(
      `CONSUMER.CREATE.${stream.name}.${name}.${this.#options.subject}`,
      {
        stream_name: stream.name,
        config: {
          name,
          ack_policy: "none",
          ...startOf(this.#begin(found)),
          filter_subject: this.#options.subject,
          max_deliver: 1,
          mem_storage: true,
          num_replicas: 1,
          inactive_threshold: forgottenAfterMs * 1e6,
        },
        action: "create",
      },
      `Cannot read stream "${stream.name}"`,
      this.#call,
    );
    this.#consumer = name;
    this.#created = found.created;
    this.#last = delivered.stream_seq;
    this.#delivered = 0;
    this.#mayBeLate = false;
    // Of a stream that was made again, all is new.
    this.#knownUpTo ??= found.state.last_seq;
    if (pending === 0) this.#queue.caughtUp();
  }

  /** Where to begin in the stream as it is now; a reader that has to leave something out is told. */
  #begin({ created, state }: StreamDescription): StartPosition {
    const { from } = this.#options;
    const wanted = this.#last ?? (typeof from === "object" && "sequence" in from ? from.sequence - 1 : undefined);
    if (wanted === undefined) return from;
    const isOther = this.#created !== undefined && created !== this.#created;
    if (!isOther && wanted + 1 >= state.first_seq && wanted <= state.last_seq) return { sequence: wanted + 1 };
    this.#queue.reset();
    return "all";
  }

  async #read(): Promise<MessagingError> {
    const lost = new Promise<MessagingError>((resolve) => {
      const loop = new PullLoop({
        streams: this.#streams,
        stream: this.#options.stream.name,
        consumer: this.#consumer!,
        most: () => windowSize - this.#queue.size,
        least: () => windowSize / 4,
        onReading: () => this.#status.active(),
        onMessage: (message) => {
          if (!this.#take(message)) loop.lose(messageLost());
        },
        // The broker sends none of it a second time.
        onGap: () => loop.lose(messageLost()),
        onLost: resolve,
      });
      this.#loop = loop;
      loop.start();
    });
    return await lostOrEnded(lost, this.#ending.signal);
  }

  /** Gives `false` where a message before it is missing. */
  #take(message: TransportMessage): boolean {
    const found = readDeliverySubject(message.replySubject, this.#options.stream.name, this.#consumer!);
    if (found === undefined) return true;
    if (found.consumerSequence !== this.#delivered + 1) return false;
    this.#delivered += 1;
    const follows = found.sequence === this.#last! + 1;
    if (this.#mayBeLate && !follows) this.#queue.resetIf(this.#isTakenAway(this.#last! + 1));
    // While nothing is asked for, the stream may go on without this reader.
    this.#mayBeLate = this.#loop!.awaited === 0;
    this.#last = found.sequence;
    const stored: StoredMessage = {
      subject: message.subject,
      headerBlock: message.headerBlock?.slice(),
      body: message.body.slice(),
      sequence: found.sequence,
      publishedAt: found.publishedAt,
    };
    this.#queue.add(stored);
    if (found.pending === 0 || found.sequence >= this.#knownUpTo!) this.#queue.caughtUp();
    return true;
  }

  /** Whether the stream has dropped what begins at a sequence: the ones between may also be of other subjects. */
  async #isTakenAway(sequence: number): Promise<boolean> {
    const found = await findStream(this.#api, this.#options.stream.name, this.#call).catch(() => undefined);
    return found !== undefined && found.state.first_seq > sequence;
  }

  /** Takes the consumer away that was read from; where that may not be done the broker does it later. */
  async #forget(): Promise<void> {
    const name = this.#consumer;
    if (name === undefined) return;
    this.#consumer = undefined;
    const keeper = this.#keeper;
    if (!keeper.takesAway) return;
    const { stream } = this.#options;
    const call = { timeoutMs: callMs, operation: stream.name };
    await this.#api.ask(`CONSUMER.DELETE.${stream.name}.${name}`, undefined, name, call).catch(
      // Each refusal is a line in the broker's log.
      ({ code }: MessagingError) => keeper.takesAway = code !== "FORBIDDEN",
    );
  }

  get #call(): StoreCallOptions {
    return { timeoutMs: callMs, operation: this.#options.stream.name, signal: this.#ending.signal };
  }
}
