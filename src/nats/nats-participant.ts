import { MessagingError } from "../errors/messaging-error.ts";
import { encodeHeaderBlock } from "../message/header-block.ts";
import type { MessageHeaders } from "../message/message-headers.ts";
import type { EventStore } from "../transport/event-store.ts";
import { payloadTooLarge } from "../transport/payload-limit.ts";
import type { PendingRequest } from "../transport/pending-entry.ts";
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
import type { NatsConnection } from "./nats-connection.ts";

/** One client's or server's share of a NATS connection. */
export class NatsParticipant implements TransportConnection {
  readonly #connection: NatsConnection;
  readonly #leave: () => Promise<void>;
  readonly #subscriptionIds = new Set<number>();
  readonly #stops = new Set<() => void>();
  /** Checked already: most participants send to the same few subjects. */
  #lastSubject: string | undefined;
  #closed = false;
  #store: Promise<EventStore> | undefined;

  /** Joins; `leave` gives its share back. */
  constructor(connection: NatsConnection, leave: () => Promise<void>) {
    this.#connection = connection;
    this.#leave = leave;
  }

  /** The broker's limit. */
  get maxPayloadBytes(): number {
    return this.#connection.maxPayloadBytes;
  }

  /** Sends a request and waits for the first answer. */
  request<Answer = TransportMessage>(
    subject: string,
    body: Uint8Array,
    options: TransportRequestOptions<Answer>,
  ): Promise<Answer> {
    const refusal = this.#connection.requestRefusal(options.operation);
    if (refusal !== undefined) return Promise.reject(refusal);
    const { pending } = this.#connection.inbox;
    return pending.wait(this, subject, options, (entry) => this.#ask(subject, body, options, entry));
  }

  /** Asks everybody who listens, and collects what they answer in time. */
  requestMany(subject: string, body: Uint8Array, options: TransportRequestManyOptions): Promise<TransportMessage[]> {
    const refusal = this.#connection.requestRefusal(options.operation);
    if (refusal !== undefined) return Promise.reject(refusal);
    const { pending } = this.#connection.inbox;
    return pending.collect(this, subject, options, (entry) => this.#ask(subject, body, options, entry));
  }

  /** Publishes, and resolves when the broker has it. */
  publish(subject: string, body: Uint8Array, options: TransportPublishOptions): Promise<void> {
    try {
      const headerBlock = this.#check(subject, body, options.headers, options.operation);
      return this.#connection.publish({ subject, headerBlock, body }, options.operation, options.timeoutMs);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Publishes without waiting. */
  send(subject: string, body: Uint8Array, headers?: MessageHeaders): void {
    const headerBlock = this.#check(subject, body, headers, undefined);
    if (this.#connection.write(subject, undefined, headerBlock, body, undefined)) return;
    this.#connection.keep({
      subject,
      replySubject: undefined,
      headerBlock,
      body,
      wanted: () => true,
      onSent: () => {},
      operation: undefined,
      onRefused: () => {},
    });
  }

  /** Why nothing can be sent now. */
  refusal(operation: string): MessagingError | undefined {
    return this.#connection.sendRefusal(operation);
  }

  /** Why no answer can come. */
  answersRefusal(): MessagingError | undefined {
    return this.#connection.answersRefusal();
  }

  /** Hears of messages sent without waiting that the broker refuses. */
  onRefusedSend(listener: (subject: string, error: MessagingError) => void): () => void {
    const stop = this.#connection.onRefusedSend(listener);
    this.#stops.add(stop);
    return stop;
  }

  /** Listens. */
  subscribe(subject: string, options: TransportSubscribeOptions): TransportSubscription {
    this.#checkOpen(undefined);
    checkSubscribeSubject(subject);
    if (options.queueGroup !== undefined) checkQueueGroup(options.queueGroup);
    const { subscriptions } = this.#connection;
    const { queueGroup, onMessage, onGap, onRefused } = options;
    const id = this.#connection.subscribe(subject, { queueGroup, onMessage, onGap, onRefused });
    let ready = subscriptions.ready(id)!;
    this.#subscriptionIds.add(id);
    const unsubscribe = (): void => {
      this.#subscriptionIds.delete(id);
      this.#connection.unsubscribe(id);
    };
    const drain = async (): Promise<void> => {
      await this.#connection.drain(id);
      unsubscribe();
    };
    return {
      get ready() {
        return ready = subscriptions.ready(id) ?? ready;
      },
      unsubscribe,
      drain,
    };
  }

  /** The broker's streams; what makes use of them is loaded by the first call. */
  eventStore(): Promise<EventStore> {
    return this.#store ??= this.#openStore();
  }

  /** Waits until the broker has all that was sent before. */
  async flush(timeoutMs: number): Promise<void> {
    this.#checkOpen(undefined);
    await this.#connection.flush(timeoutMs);
  }

  /** Leaves. */
  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      for (const stop of this.#stops) stop();
      for (const id of this.#subscriptionIds) this.#connection.unsubscribe(id);
      this.#connection.inbox.pending.rejectAll("its connection was closed", this);
    }
    return this.#leave();
  }

  async #openStore(): Promise<EventStore> {
    const { JetStreamStore } = await import("./jetstream/jetstream-store.ts");
    this.#checkOpen(undefined);
    const connection = this.#connection;
    const store = new JetStreamStore({
      connection: this,
      clock: connection.options.clock,
      logger: connection.options.logger,
      get brokerVersion() {
        return connection.brokerInfo?.version ?? "";
      },
      get hasStreams() {
        return connection.brokerInfo?.jetstream === true;
      },
      inboxPrefix: connection.options.inboxPrefix ?? "_INBOX",
      ask: (subject, replySubject, body) => {
        this.#checkOpen(undefined);
        return connection.write(subject, replySubject, undefined, body, undefined);
      },
    });
    this.#stops.add(() => store.close());
    return store;
  }

  /** Sends a request, or keeps it while the connection is away; gives whether it is out. */
  #ask(subject: string, body: Uint8Array, options: TransportRequestManyOptions, pending: PendingRequest): boolean {
    const { inbox } = this.#connection;
    const { operation, requestId } = options;
    const headerBlock = this.#check(subject, body, options.headers, operation);
    const replySubject = inbox.replySubject(requestId);
    if (this.#connection.write(subject, replySubject, headerBlock, body, operation)) return true;
    this.#connection.keep({
      subject,
      replySubject,
      headerBlock,
      body,
      wanted: () => inbox.pending.get(requestId) === pending,
      onSent: () => {
        pending.sent = true;
      },
      operation,
      onRefused: (error) => pending.reject(error),
    });
    return false;
  }

  #check(
    subject: string,
    body: Uint8Array,
    headers: MessageHeaders | undefined,
    operation: string | undefined,
  ): Uint8Array | undefined {
    this.#checkOpen(operation);
    if (subject !== this.#lastSubject) {
      // Who makes a consumer says what it filters, wildcards included.
      (subject.startsWith("$JS.") ? checkSubscribeSubject : checkPublishSubject)(subject);
      this.#lastSubject = subject;
    }
    const headerBlock = headers === undefined || headers.size === 0 ? undefined : encodeHeaderBlock(headers);
    const bytes = body.length + (headerBlock?.length ?? 0);
    if (bytes > this.maxPayloadBytes) throw payloadTooLarge(bytes, this.maxPayloadBytes, operation);
    return headerBlock;
  }

  #checkOpen(operation: string | undefined): void {
    if (this.#closed) {
      throw new MessagingError("DISCONNECTED", "Cannot send: the connection was closed", {
        operation,
        execution: "not-executed",
      });
    }
    const refusal = this.#connection.refusal(operation);
    if (refusal !== undefined) throw refusal;
  }
}
