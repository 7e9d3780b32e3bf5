import { MessagingError } from "../errors/messaging-error.ts";
import { checkPublishSubject, checkQueueGroup, checkSubscribeSubject } from "../transport/subject-rules.ts";
import type {
  TransportConnection,
  TransportMessage,
  TransportRequestOptions,
  TransportSubscribeOptions,
  TransportSubscription,
} from "../transport/transport.ts";
import type { EventStore } from "../transport/event-store.ts";
import { unsupported } from "./gateway-paths.ts";
import type { HttpConnection } from "./http-connection.ts";

/** One client's share of a connection to a gateway. */
export class HttpParticipant implements TransportConnection {
  readonly #connection: HttpConnection;
  readonly #leave: () => Promise<void>;
  readonly #unsubscribes = new Set<() => void>();
  #closed = false;

  /** Joins; `leave` gives its share back. */
  constructor(connection: HttpConnection, leave: () => Promise<void>) {
    this.#connection = connection;
    this.#leave = leave;
  }

  /** The gateway's limit of a request's body. */
  get maxPayloadBytes(): number {
    return this.#connection.maxPayloadBytes;
  }

  /** Sends a request and waits for the answer. */
  async request<Answer = TransportMessage>(
    subject: string,
    body: Uint8Array,
    options: TransportRequestOptions<Answer>,
  ): Promise<Answer> {
    this.#checkOpen(options.operation);
    checkPublishSubject(subject);
    return await this.#connection.request(this, subject, body, options);
  }

  /** Refuses: a gateway passes on one answer. */
  // deno-lint-ignore require-await -- what it throws is a rejection
  async requestMany(subject: string, _body: Uint8Array, { operation }: TransportRequestOptions): Promise<never> {
    this.#checkOpen(operation);
    checkPublishSubject(subject);
    throw unsupported(
      `Cannot ask "${subject.slice(0, 128)}" for many answers over HTTP: a gateway gives one`,
      operation,
    );
  }

  /** Refuses: only servers publish. */
  // deno-lint-ignore require-await -- what it throws is a rejection
  async publish(subject: string): Promise<void> {
    this.send(subject);
  }

  /** Refuses all but a cancellation, which the request that was given up has told already. */
  send(subject: string): void {
    this.#checkOpen();
    checkPublishSubject(subject);
    if (!/^[^.]+\.v\d+\.cancel\.[^.]+$/.test(subject)) {
      throw unsupported(`Cannot publish to "${subject.slice(0, 128)}" over HTTP: a gateway takes requests only`);
    }
  }

  /** Listens to an event. */
  subscribe(subject: string, options: TransportSubscribeOptions): TransportSubscription {
    this.#checkOpen();
    checkSubscribeSubject(subject);
    if (options.queueGroup !== undefined) checkQueueGroup(options.queueGroup);
    const share = this.#connection.listen(subject, options);
    const unsubscribe = (): void => {
      this.#unsubscribes.delete(unsubscribe);
      share.leave();
    };
    this.#unsubscribes.add(unsubscribe);
    const drain = (): Promise<void> => {
      unsubscribe();
      return Promise.resolve();
    };
    return {
      get ready() {
        return share.ready;
      },
      unsubscribe,
      drain,
    };
  }

  /** Stored events can be read from anywhere; all else that a store does is done behind the gateway. */
  async eventStore(): Promise<EventStore> {
    // Fetched when it is asked for: most pages listen to what comes, and to nothing before.
    const { openHttpEventStore } = await import("./http-event-store.ts");
    return openHttpEventStore(this.#connection, this.#unsubscribes, () => this.#checkOpen());
  }

  /** Nothing is sent without an answer: there is nothing to wait for. */
  async flush(): Promise<void> {
    await Promise.resolve();
    this.#checkOpen();
  }

  /** Leaves. */
  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      for (const unsubscribe of this.#unsubscribes) unsubscribe();
      this.#connection.pending.rejectAll("its connection was closed", this);
    }
    return this.#leave();
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
