import { MessagingError } from "../../errors/messaging-error.ts";
import type { ConsumeOptions, ReadingState, StreamReader } from "../../transport/event-store.ts";
import { attempt } from "../../transport/attempt.ts";
import { ReadingStatus } from "../../transport/reading-status.ts";
import type { TransportMessage } from "../../transport/transport.ts";
import { pause } from "../../transport/pause.ts";
import type { BrokerStreams } from "./broker-streams.ts";
import { readDeliverySubject } from "./delivery-subject.ts";
import { DurableConsumer } from "./durable-consumer.ts";
import { ExclusiveTurn } from "./exclusive-turn.ts";
import { lostOrEnded } from "./lost-or-ended.ts";
import { PullLoop } from "./pull-loop.ts";
import { keepReading } from "./reading-loop.ts";
import type { ReaderKeeper } from "./reader-keeper.ts";
import type { StreamApi } from "./stream-api.ts";
import { type Settling, StreamDelivery } from "./stream-delivery.ts";

/** How often the broker is asked how far the consumer is, in milliseconds: where one begins that has to be made again. */
const lookEveryMs = 5_000;

/** One instance's share of a durable consumer's messages. */
export class DurableReader implements StreamReader {
  readonly #streams: BrokerStreams;
  readonly #options: ConsumeOptions;
  readonly #status: ReadingStatus;
  readonly #consumer: DurableConsumer;
  readonly #settling: Settling;
  readonly #turn: ExclusiveTurn | undefined;
  readonly #ending = new AbortController();
  /** Those that the broker has not been told about. */
  readonly #open = new Set<StreamDelivery>();
  /** Those that were given and are not settled. */
  readonly #given = new Set<StreamDelivery>();
  /** Those that came faster than the broker's word about the ones before them. */
  readonly #waiting: StreamDelivery[] = [];
  #loop: PullLoop | undefined;
  #stopped: Promise<void> | undefined;

  /** Begins at once. `keeper.closing` ends what its deliveries still try to tell the broker. */
  constructor(streams: BrokerStreams, api: StreamApi, options: ConsumeOptions, keeper: ReaderKeeper) {
    this.#streams = streams;
    this.#options = options;
    this.#status = new ReadingStatus(options.onState, streams.logger, () => keeper.onEnd(this));
    this.#consumer = new DurableConsumer(streams, api, options, this.#ending.signal);
    this.#settling = {
      connection: streams.connection,
      clock: streams.clock,
      ackWaitMs: options.ackWaitMs,
      brokerVersion: streams.brokerVersion,
      signal: keeper.closing,
      onTold: (delivery) => this.#told(delivery),
      onSettled: (delivery) => this.#settled(delivery),
    };
    if (options.exclusive) this.#turn = this.#makeTurn();
    const steps = { attach: () => this.#consumer.attach(), read: () => this.#read() };
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
    for (const delivery of this.#waiting.splice(0)) void delivery.retryLater(0).catch(() => {});
    // A connection that is left waits for nothing.
    if (error === undefined) await this.#loop?.drain();
    else this.#loop?.stop();
    this.#status.ended(error);
  }

  async #read(): Promise<MessagingError> {
    const reading = new AbortController();
    const onEnd = (): void => reading.abort();
    this.#ending.signal.addEventListener("abort", onEnd, { once: true });
    const lost = new Promise<MessagingError>((resolve) => {
      this.#loop = new PullLoop({
        streams: this.#streams,
        stream: this.#options.stream.name,
        consumer: this.#options.consumer,
        most: () => this.#turn?.most(this.#room) ?? this.#room,
        least: () => Math.min(Math.ceil(this.#options.window / 4), this.#turn?.most(this.#room) ?? Infinity),
        fields: () => this.#turn?.fields() ?? {},
        onReading: () => this.#status.active(),
        onMessage: (message) => this.#take(message),
        onGap: () => this.#turn?.gap(),
        onWrongPin: () => this.#turn?.wrongPin(),
        onLost: resolve,
      });
      this.#loop.start();
      void this.#turn?.run(reading.signal);
      void this.#watch(reading.signal);
    });
    const error = await lostOrEnded(lost, this.#ending.signal);
    this.#ending.signal.removeEventListener("abort", onEnd);
    reading.abort();
    return error;
  }

  async #watch(signal: AbortSignal): Promise<void> {
    for (;;) {
      await pause(this.#streams.clock, lookEveryMs, signal);
      if (signal.aborted) return;
      // A broker that does not answer is noticed by what does not come; a consumer that is gone only while more is asked of it.
      if (await this.#consumer.look().catch(() => null) === undefined && !signal.aborted) {
        this.#loop?.lose(new MessagingError("NO_RESPONDERS", "The consumer is not there any more"));
      }
    }
  }

  #take(message: TransportMessage): void {
    const { stream, consumer, window, exclusive } = this.#options;
    const found = readDeliverySubject(message.replySubject, stream.name, consumer);
    if (found === undefined) return;
    const delivery = new StreamDelivery(message, found, exclusive, this.#settling);
    // It would not be worked on here: another instance can have it, or this one later.
    if (this.#ending.signal.aborted || this.#open.size >= window) {
      void delivery.retryLater(0).catch(() => {});
      return;
    }
    if (this.#turn === undefined) return this.#give([delivery]);
    this.#turn.take(delivery);
  }

  get #room(): number {
    return this.#options.window - this.#open.size;
  }

  #makeTurn(): ExclusiveTurn {
    return new ExclusiveTurn({
      streams: this.#streams,
      consumer: this.#consumer,
      options: this.#options,
      open: this.#open,
      settling: () => [...this.#given].filter((delivery) => !this.#open.has(delivery)).length,
      give: (deliveries) => this.#give(deliveries),
      topUp: () => this.#loop?.topUp(),
      showPresence: () => this.#loop?.showPresence(),
    });
  }

  #give(deliveries: readonly StreamDelivery[]): void {
    for (const delivery of deliveries) this.#open.add(delivery);
    this.#waiting.push(...deliveries);
    this.#giveWaiting();
  }

  #giveWaiting(): void {
    while (this.#waiting.length > 0 && this.#given.size < this.#options.window) {
      const delivery = this.#waiting.shift()!;
      this.#given.add(delivery);
      attempt(this.#streams.logger, "A callback for deliveries threw", () => this.#options.onDelivery(delivery));
    }
  }

  #told(delivery: StreamDelivery): void {
    this.#turn?.told(delivery);
    if (this.#open.delete(delivery)) this.#loop?.topUp();
  }

  #settled(delivery: StreamDelivery): void {
    if (!this.#given.delete(delivery) || this.#waiting.length === 0) return;
    // Whoever waits for this one hears of it before the next one comes.
    queueMicrotask(() => queueMicrotask(() => this.#giveWaiting()));
  }
}
