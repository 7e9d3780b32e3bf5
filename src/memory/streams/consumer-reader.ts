import { MessagingError } from "../../errors/messaging-error.ts";
import type { ConsumeOptions, ReadingState, StartPosition, StoredMessage } from "../../transport/event-store.ts";
import { attempt } from "../../transport/attempt.ts";
import { ReadingStatus } from "../../transport/reading-status.ts";
import { MemoryDelivery } from "./memory-delivery.ts";
import type { ConsumerSeat, MemoryConsumer, Pending } from "./memory-consumer.ts";
import type { KeptReader, ReaderOwner } from "./stream-keeper.ts";
import type { OpenShelf } from "./stream-shelf.ts";

/** An instance that shares a durable consumer. */
export class ConsumerReader implements KeptReader {
  readonly #open: OpenShelf;
  readonly #options: ConsumeOptions;
  readonly #owner: ReaderOwner;
  readonly #status: ReadingStatus;
  readonly #seat: ConsumerSeat;
  #consumer: MemoryConsumer | undefined;

  /** Begins after the caller's turn. */
  constructor(open: OpenShelf, options: ConsumeOptions, owner: ReaderOwner) {
    this.#open = open;
    this.#options = options;
    this.#owner = owner;
    this.#status = new ReadingStatus(options.onState, owner.logger);
    this.#seat = {
      window: options.window,
      unsettled: 0,
      inFlight: 0,
      turn: 0,
      leaving: false,
      deliver: (message, pending) => this.#deliver(message, pending),
      onGone: (position) => this.#beginAgain(position),
    };
    queueMicrotask(() => this.#begin(options.from));
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
    this.end();
    return Promise.resolve();
  }

  /** Takes no further messages, for this reason. */
  end(error?: MessagingError): void {
    this.#status.ended(error);
    this.#consumer?.leave(this.#seat);
    this.#consumer = undefined;
  }

  #begin(from: StartPosition): void {
    if (this.state === "ended") return;
    const { stream, consumer: name, subject, ackWaitMs, exclusive } = this.#options;
    try {
      const consumer = this.#open(stream).consumer(name, { subject, ackWaitMs, exclusive }, from);
      this.#consumer = consumer;
      this.#status.active();
      // Its listener may have ended it.
      if (this.#consumer !== undefined) consumer.join(this.#seat);
    } catch (error) {
      this.end(error as MessagingError);
    }
  }

  #beginAgain(from: StartPosition): void {
    this.#consumer = undefined;
    const { consumer, stream } = this.#options;
    this.#status.degraded(
      new MessagingError(
        "NO_RESPONDERS",
        `Consumer "${consumer}" of stream "${stream.name}" is gone: it is made again`,
      ),
    );
    queueMicrotask(() => this.#begin(from));
  }

  #deliver(message: StoredMessage, pending: Pending): void {
    const consumer = this.#consumer!;
    const delivery = new MemoryDelivery(message, pending, {
      consumer,
      seat: this.#seat,
      owner: this.#owner,
      // The consumer may have been made again meanwhile.
      onRoom: () => this.#consumer?.deliver(),
    });
    attempt(this.#owner.logger, "A callback for stored messages threw", () => this.#options.onDelivery(delivery));
  }
}
