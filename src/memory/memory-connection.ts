import { MessagingError } from "../errors/messaging-error.ts";
import type { Logger } from "../logging/logger.ts";
import { encodeHeaderBlock } from "../message/header-block.ts";
import type { MessageHeaders } from "../message/message-headers.ts";
import type { Clock } from "../transport/clock.ts";
import type { EventStore } from "../transport/event-store.ts";
import { payloadTooLarge } from "../transport/payload-limit.ts";
import { ReplyInbox } from "../transport/reply-inbox.ts";
import { checkPublishSubject, checkQueueGroup, checkSubscribeSubject } from "../transport/subject-rules.ts";
import type {
  TransportConnection,
  TransportMessage,
  TransportPublishOptions,
  TransportRequestManyOptions,
  TransportRequestOptions,
  TransportSubscribeOptions,
  TransportSubscription,
} from "../transport/transport.ts";
import type { SharedMemoryBroker } from "./memory-broker.ts";
import type { MemoryEventStore } from "./streams/memory-event-store.ts";

/** What a memory connection is made of. */
export interface MemoryConnectionOptions {
  /** The broker it joined. */
  readonly broker: SharedMemoryBroker;
  /** Gives its share back. */
  readonly leave: () => Promise<void>;
  /** Time and randomness. */
  readonly clock: Clock;
  /** Hears of callbacks that throw. */
  readonly logger: Logger;
}

/** One participant on a memory broker. */
export class MemoryConnection implements TransportConnection {
  readonly #broker: SharedMemoryBroker;
  readonly #leave: () => Promise<void>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #inbox: ReplyInbox;
  readonly #unsubscribes = new Set<() => void>();
  #store: MemoryEventStore | undefined;
  #closed = false;

  /** Joins at once. */
  constructor(options: MemoryConnectionOptions) {
    this.#broker = options.broker;
    this.#leave = options.leave;
    this.#logger = options.logger;
    this.#clock = options.clock;
    this.#inbox = new ReplyInbox(options.clock);
    this.#listen(this.#inbox.subject, { onMessage: (message) => this.#inbox.receive(message) });
  }

  /** The broker's limit. */
  get maxPayloadBytes(): number {
    return this.#broker.maxPayloadBytes;
  }

  /** Sends a request and waits for the first answer. */
  request<Answer = TransportMessage>(
    subject: string,
    body: Uint8Array,
    options: TransportRequestOptions<Answer>,
  ): Promise<Answer> {
    return this.#inbox.pending.wait(this, subject, options, () => this.#ask(subject, body, options));
  }

  /** Asks everybody who listens, and collects what they answer in time. */
  requestMany(subject: string, body: Uint8Array, options: TransportRequestManyOptions): Promise<TransportMessage[]> {
    return this.#inbox.pending.collect(this, subject, options, () => this.#ask(subject, body, options));
  }

  /** Publishes; the broker has it when it comes back. */
  publish(subject: string, body: Uint8Array, options: TransportPublishOptions): Promise<void> {
    try {
      this.#publish(subject, body, options.headers, undefined, options.operation);
      return Promise.resolve();
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Publishes without waiting. */
  send(subject: string, body: Uint8Array, headers?: MessageHeaders): void {
    this.#publish(subject, body, headers);
  }

  /** Listens. */
  subscribe(subject: string, options: TransportSubscribeOptions): TransportSubscription {
    this.#checkOpen();
    checkSubscribeSubject(subject);
    if (options.queueGroup !== undefined) checkQueueGroup(options.queueGroup);
    const unsubscribe = this.#listen(subject, options);
    const drain = async (): Promise<void> => {
      await this.#broker.delivered();
      unsubscribe();
    };
    return { ready: Promise.resolve(), unsubscribe, drain };
  }

  /** The broker's streams. */
  async eventStore(): Promise<EventStore> {
    // What most programs never ask for stays where it is.
    const { openEventStore } = await import("./streams/memory-event-store.ts");
    this.#checkOpen();
    return this.#store ??= openEventStore(this.#broker, { connection: this, clock: this.#clock, logger: this.#logger });
  }

  /** Everything sent before is with the broker already. */
  async flush(): Promise<void> {
    await Promise.resolve();
    this.#checkOpen();
  }

  /** Leaves. */
  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      for (const unsubscribe of this.#unsubscribes) unsubscribe();
      this.#store?.close();
      this.#inbox.pending.rejectAll("its connection was closed");
    }
    return this.#leave();
  }

  #listen(subject: string, options: TransportSubscribeOptions): () => void {
    let live = true;
    const remove = this.#broker.subscribe({
      subject,
      queueGroup: options.queueGroup,
      deliver: (message) => {
        if (!live) return;
        try {
          options.onMessage(message);
        } catch (error) {
          this.#logger.error("A message callback threw", { subject, error });
        }
      },
    });
    const unsubscribe = (): void => {
      live = false;
      this.#unsubscribes.delete(unsubscribe);
      remove();
    };
    this.#unsubscribes.add(unsubscribe);
    return unsubscribe;
  }

  #ask(subject: string, body: Uint8Array, options: TransportRequestManyOptions): boolean {
    this.#publish(subject, body, options.headers, this.#inbox.replySubject(options.requestId), options.operation);
    return true;
  }

  #publish(
    subject: string,
    body: Uint8Array,
    headers: MessageHeaders | undefined,
    replySubject?: string,
    operation?: string,
  ): void {
    this.#checkOpen(operation);
    checkPublishSubject(subject);
    const headerBlock = headers === undefined || headers.size === 0 ? undefined : encodeHeaderBlock(headers);
    const size = body.length + (headerBlock?.length ?? 0);
    if (size > this.maxPayloadBytes) throw payloadTooLarge(size, this.maxPayloadBytes, operation);
    this.#broker.publish({ subject, replySubject, headerBlock, body });
  }

  #checkOpen(operation?: string): void {
    if (this.#closed) {
      throw new MessagingError("DISCONNECTED", "Cannot send: the connection was closed", {
        operation,
        execution: "not-executed",
      });
    }
  }
}
