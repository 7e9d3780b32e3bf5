import { MessagingError } from "../errors/messaging-error.ts";
import { checkQueueGroup, checkSubscribeSubject } from "../transport/subject-rules.ts";
import type {
  GapReason,
  TransportConnection,
  TransportMessage,
  TransportSubscribeOptions,
  TransportSubscription,
} from "../transport/transport.ts";
import { type PromiseEnds, withResolvers } from "../transport/with-resolvers.ts";

/** What a client declared to listen to. */
export interface DeclaredSubscription {
  /** The subject, with the namespace; `*` where a parameter is open. */
  readonly subject: string;
  /** Shares the messages with other members. */
  readonly queueGroup: string | undefined;
  /** Takes a message. */
  readonly onMessage: (message: TransportMessage) => void;
  /** It is back; messages may have been missed. */
  readonly onGap: (reason: GapReason) => void;
  /** It was there, and is refused now; it is tried again until it is removed. */
  readonly onRefused: (error: unknown) => void;
  /** The client has left; called once, not after `remove`. */
  readonly onEnd: () => void;
}

/** One declared subscription. */
export interface SubscriptionHandle {
  /** The broker has it; another promise after each time that it had not. */
  readonly ready: Promise<void>;
  /** Takes it away; `ready` rejects with the error where there is one. */
  remove(error?: MessagingError): void;
}

interface Entry {
  readonly declared: DeclaredSubscription;
  ready: PromiseEnds<void>;
  /** The connection's own promise that `ready` follows. */
  followed: Promise<void> | undefined;
  subscription: TransportSubscription | undefined;
  /** Whether the broker has ever had it: until then `ready` says what it is refused with. */
  wasReady: boolean;
}

/** A client's subscriptions: declared at any time, made real with each connection. */
export class ClientSubscriptions {
  readonly #entries = new Set<Entry>();
  readonly #token: TransportSubscribeOptions["token"];
  readonly #onRefused: (subject: string, error: unknown) => void;
  #connection: TransportConnection | undefined;

  /** `token` says who subscribes; `onRefused` hears what the broker refuses. */
  constructor(
    token: TransportSubscribeOptions["token"],
    onRefused: (subject: string, error: unknown) => void,
  ) {
    this.#token = token;
    this.#onRefused = onRefused;
  }

  /** Declares one. @throws {MessagingError} `INVALID_REQUEST` for a subject or queue group that is none */
  add(declared: DeclaredSubscription): SubscriptionHandle {
    // Here and not by the connection, which may come later: connect() would fail instead of subscribe().
    checkSubscribeSubject(declared.subject);
    if (declared.queueGroup !== undefined) checkQueueGroup(declared.queueGroup);
    const entry: Entry = {
      declared,
      ready: withResolvers(),
      followed: undefined,
      subscription: undefined,
      wasReady: false,
    };
    if (this.#connection !== undefined) this.#attach(entry, this.#connection);
    this.#entries.add(entry);
    return {
      get ready() {
        const current = entry.subscription?.ready;
        if (current !== undefined && current !== entry.followed) {
          entry.ready = withResolvers();
          follow(entry, current);
        }
        return entry.ready.promise;
      },
      remove: (error) => {
        if (!this.#entries.delete(entry)) return;
        if (error === undefined) entry.ready.resolve();
        else endWith(entry, error);
        leave(entry);
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
      endWith(
        entry,
        new MessagingError("DISCONNECTED", "The client was disconnected", { execution: "not-executed" }),
      );
      leave(entry);
      entry.declared.onEnd();
    }
  }

  #attach(entry: Entry, connection: TransportConnection): void {
    const { subject, queueGroup, onMessage, onGap } = entry.declared;
    let isTold = false;
    const onRefused = (error: unknown): void => {
      isTold = true;
      if (!this.#entries.has(entry)) return;
      this.#onRefused(subject, error);
      if (entry.wasReady) entry.declared.onRefused(error);
    };
    const options = { queueGroup, token: this.#token, onMessage, onGap, onRefused };
    const subscription = entry.subscription = connection.subscribe(subject, options);
    follow(entry, subscription.ready);
    subscription.ready.catch((error: unknown) => {
      if (!isTold) onRefused(error);
    });
  }
}

/** Whoever waits for it hears why, and so does whoever asks later. */
function endWith(entry: Entry, error: MessagingError): void {
  entry.ready.reject(error);
  entry.ready = withResolvers();
  entry.ready.reject(error);
}

function follow(entry: Entry, promise: Promise<void>): void {
  const { ready } = entry;
  entry.followed = promise;
  promise.then(() => {
    entry.wasReady = true;
    ready.resolve();
  }, ready.reject);
}

function leave(entry: Entry): void {
  entry.subscription?.unsubscribe();
  entry.subscription = undefined;
}
