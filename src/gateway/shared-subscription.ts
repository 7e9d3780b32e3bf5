import { MessagingError } from "../errors/messaging-error.ts";
import { TaskQueue } from "../transport/task-queue.ts";
import type { TransportConnection, TransportMessage, TransportSubscription } from "../transport/transport.ts";
import { resetFrame } from "./event-frame.ts";
import { EventFramer, type EventFramerOptions } from "./event-framer.ts";
import type { EventSource } from "./event-source.ts";
import type { StreamWriter } from "./stream-writer.ts";

/** How many events wait while one before them is decrypted or checked; over that the oldest is dropped. */
const queueLimit = 1_024;

/** What a shared subscription is made of. */
export interface SharedSubscriptionOptions extends EventFramerOptions {
  /** What is listened to, with the namespace. */
  readonly subject: string;
  readonly now: () => number;
  /** The next event's id. */
  readonly nextId: () => string;
}

/** One subscription at the broker for all streams that show the same: an event is opened, checked and written once. */
export class SharedSubscription implements EventSource {
  readonly #options: SharedSubscriptionOptions;
  readonly #framer: EventFramer;
  readonly #streams = new Set<StreamWriter>();
  readonly #ready: Promise<void>;
  readonly #subscription: TransportSubscription;
  readonly #queue: TaskQueue<TransportMessage>;

  /** Subscribes at once. @throws {MessagingError} what the connection says */
  constructor(connection: TransportConnection, options: SharedSubscriptionOptions) {
    this.#options = options;
    this.#framer = new EventFramer(options);
    this.#queue = new TaskQueue({ concurrency: 1, queueLimit, run: (message) => this.#take(message) });
    this.#subscription = connection.subscribe(options.subject, { onMessage: (message) => this.#receive(message) });
    this.#ready = this.#subscription.ready;
    this.#ready.catch(() => {});
  }

  /** How many streams show it. */
  get size(): number {
    return this.#streams.size;
  }

  /** Adds a stream; what came before is not told again. */
  join(stream: StreamWriter): Promise<void> {
    this.#streams.add(stream);
    return this.#ready;
  }

  /** Takes a stream away. */
  leave(stream: StreamWriter): void {
    this.#streams.delete(stream);
  }

  /** The connection was away: events may be missing. */
  tellOutage(): void {
    this.#tell(resetFrame("The connection behind the gateway was away, and events may be missing"));
  }

  /** Ends it: nothing is heard after that. */
  end(): void {
    this.#queue.clear();
    this.#subscription.unsubscribe();
  }

  #receive(message: TransportMessage): void {
    if (this.#queue.size === 0) return this.#queue.add(message);
    if (!this.#queue.hasRoom) {
      this.#queue.dropOldest();
      this.#framer.drop("queue", new MessagingError("BUSY", `${queueLimit} events wait already`));
      this.#tell(resetFrame("Events came faster than the gateway could open them, and some are missing"));
    }
    // What waits must not hold on to the socket's memory.
    const { body, headerBlock } = message;
    this.#queue.add({ ...message, body: body.slice(), headerBlock: headerBlock?.slice() });
  }

  /** Hands an event on at once where it can be checked at once. */
  #take(message: TransportMessage): void | Promise<void> {
    const frame = this.#framer.frame(message, () => ({ id: this.#options.nextId() }));
    return frame instanceof Promise ? frame.then((later) => this.#pass(later)) : this.#pass(frame);
  }

  #pass(frame: Uint8Array | undefined): void {
    if (frame === undefined) return;
    const { target: { counts }, metrics } = this.#options;
    counts.events += 1;
    metrics.delivered += this.size;
    this.#tell(frame);
  }

  #tell(frame: Uint8Array): void {
    const now = this.#options.now();
    for (const stream of this.#streams) stream.push(frame, now);
  }
}
