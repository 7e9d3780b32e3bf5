import { MessagingError } from "../errors/messaging-error.ts";
import { checkQueueGroup, checkSubscribeSubject } from "../transport/subject-rules.ts";
import type { TransportConnection, TransportMessage, TransportSubscribeOptions } from "../transport/transport.ts";
import { type PromiseEnds, withResolvers } from "../transport/with-resolvers.ts";

/** What a client declared to listen to. */
export interface DeclaredSubscription {
  /** The subject, with the namespace; `*` where a parameter is open. */
  readonly subject: string;
  /** Shares the messages with other members. */
  readonly queueGroup: string | undefined;
  /** Takes a message. */
  readonly onMessage: (message: TransportMessage) => void;
  /** The client has left; called once, not after `remove`. */
  readonly onEnd: () => void;
}

/** One declared subscription. */
export interface SubscriptionHandle {
  /** The broker has it. */
  readonly ready: Promise<void>;
  /** Takes it away. */
  remove(): void;
}

interface Entry {
  readonly declared: DeclaredSubscription;
  readonly ready: PromiseEnds<void>;
  unsubscribe: (() => void) | undefined;
}

/** A client's subscriptions: declared at any time, made real with each connection. */
export class ClientSubscriptions {
  readonly #entries = new Set<Entry>();
  readonly #token: TransportSubscribeOptions["token"];
  readonly #onDenied: (subject: string, error: unknown) => void;
  #connection: TransportConnection | undefined;

  /** `token` says who subscribes; `onDenied` hears what the broker refuses. */
  constructor(
    token: TransportSubscribeOptions["token"],
    onDenied: (subject: string, error: unknown) => void,
  ) {
    this.#token = token;
    this.#onDenied = onDenied;
  }

  /** Declares one. @throws {MessagingError} `INVALID_REQUEST` for a subject or queue group that is none */
  add(declared: DeclaredSubscription): SubscriptionHandle {
    // Here and not by the connection, which may come later: connect() would fail instead of subscribe().
    checkSubscribeSubject(declared.subject);
    if (declared.queueGroup !== undefined) checkQueueGroup(declared.queueGroup);
    const entry: Entry = { declared, ready: withResolvers(), unsubscribe: undefined };
    if (this.#connection !== undefined) this.#attach(entry, this.#connection);
    this.#entries.add(entry);
    return {
      ready: entry.ready.promise,
      remove: () => {
        if (!this.#entries.delete(entry)) return;
        entry.unsubscribe?.();
        entry.ready.resolve();
      },
    };
  }

  /** Makes all of them real. */
  attach(connection: TransportConnection): void {
    this.#connection = connection;
    for (const entry of this.#entries) this.#attach(entry, connection);
  }

  /** Ends all of them: the client has left. */
  end(): void {
    this.#connection = undefined;
    for (const entry of [...this.#entries]) {
      this.#entries.delete(entry);
      entry.unsubscribe?.();
      entry.ready.reject(
        new MessagingError("DISCONNECTED", "The client was disconnected", { execution: "not-executed" }),
      );
      entry.declared.onEnd();
    }
  }

  #attach(entry: Entry, connection: TransportConnection): void {
    const { subject, queueGroup, onMessage } = entry.declared;
    const subscription = connection.subscribe(subject, { queueGroup, token: this.#token, onMessage });
    entry.unsubscribe = () => subscription.unsubscribe();
    subscription.ready.then(entry.ready.resolve, (error: unknown) => {
      entry.ready.reject(error);
      if (this.#entries.has(entry)) this.#onDenied(subject, error);
    });
  }
}
