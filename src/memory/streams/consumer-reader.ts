import { MessagingError } from "../../errors/messaging-error.ts";
import type {
  ConsumeOptions,
  Delivery,
  ReadingState,
  StartPosition,
  StoredMessage,
} from "../../transport/event-store.ts";
import type { ConsumerSeat, MemoryConsumer, Pending } from "./memory-consumer.ts";
import { Reading } from "./reading.ts";
import type { KeptReader, ReaderOwner } from "./stream-keeper.ts";
import type { OpenShelf } from "./stream-shelf.ts";

/** An instance that shares a durable consumer. */
export class ConsumerReader implements KeptReader {
  readonly #open: OpenShelf;
  readonly #options: ConsumeOptions;
  readonly #owner: ReaderOwner;
  readonly #reading: Reading;
  #place: { readonly consumer: MemoryConsumer; readonly seat: ConsumerSeat } | undefined;

  /** Begins after the caller's turn. */
  constructor(open: OpenShelf, options: ConsumeOptions, owner: ReaderOwner) {
    this.#open = open;
    this.#options = options;
    this.#owner = owner;
    this.#reading = new Reading(options.onState, owner.logger);
    queueMicrotask(() => this.#begin(options.from));
  }

  /** How it stands. */
  get state(): ReadingState {
    return this.#reading.state;
  }

  /** Resolves when it reads for the first time. */
  get ready(): Promise<void> {
    return this.#reading.begun;
  }

  /** Takes no further messages. */
  stop(): Promise<void> {
    this.end();
    return Promise.resolve();
  }

  /** Takes no further messages, for this reason. */
  end(error?: MessagingError): void {
    this.#reading.set("ended", error);
    this.#place?.consumer.leave(this.#place.seat);
    this.#place = undefined;
  }

  #begin(from: StartPosition): void {
    if (this.state === "ended") return;
    const { stream, consumer: name, window, ...definition } = this.#options;
    try {
      const consumer = this.#open(stream).consumer(name, definition, from);
      const seat: ConsumerSeat = {
        window,
        inFlight: 0,
        turn: 0,
        leaving: false,
        deliver: (message, pending) => this.#deliver(consumer, message, pending),
        onGone: (position) => this.#beginAgain(position),
      };
      this.#place = { consumer, seat };
      this.#reading.set("active");
      // Its listener may have ended it.
      if (this.#place !== undefined) consumer.join(seat);
    } catch (error) {
      this.end(error as MessagingError);
    }
  }

  #beginAgain(from: StartPosition): void {
    this.#place = undefined;
    const { consumer, stream } = this.#options;
    this.#reading.set(
      "degraded",
      new MessagingError(
        "NO_RESPONDERS",
        `Consumer "${consumer}" of stream "${stream.name}" is gone: it is made again`,
      ),
    );
    queueMicrotask(() => this.#begin(from));
  }

  #deliver(consumer: MemoryConsumer, message: StoredMessage, pending: Pending): void {
    const settle = (action: () => void): Promise<void> => {
      if (!this.#owner.isOpen()) {
        return Promise.reject(
          new MessagingError("DISCONNECTED", "Cannot settle a delivery: the connection was closed"),
        );
      }
      action();
      return Promise.resolve();
    };
    const delivery: Delivery = {
      ...message,
      deliveries: pending.deliveries,
      acknowledge: () => settle(() => consumer.settle(pending.sequence)),
      retryLater: (delayMs) => settle(() => consumer.retryLater(pending, delayMs)),
      discard: () => settle(() => consumer.settle(pending.sequence)),
      keepAlive: () => {
        if (this.#owner.isOpen()) consumer.keepAlive(pending);
      },
    };
    this.#reading.attempt("A callback for stored messages threw", () => this.#options.onDelivery(delivery));
  }
}
