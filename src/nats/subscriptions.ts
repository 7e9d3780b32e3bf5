import type { MessagingError } from "../errors/messaging-error.ts";
import type { Logger } from "../logging/logger.ts";
import type { TransportMessage } from "../transport/transport.ts";
import { type PromiseEnds, withResolvers } from "../transport/with-resolvers.ts";
import type { IncomingMessage } from "./incoming-message.ts";

interface Subscription {
  readonly id: number;
  readonly subject: string;
  readonly exact: boolean;
  readonly queueGroup: string | undefined;
  readonly onMessage: (message: TransportMessage) => void;
  readonly ready: PromiseEnds<void>;
  confirmed: boolean;
  retired: boolean;
}

const decoder = new TextDecoder();

/** What a connection listens to: declared once, written to each session anew. */
export class Subscriptions {
  readonly #byId = new Map<number, Subscription>();
  readonly #logger: Logger;
  #lastId = 0;

  /** The logger hears what callbacks throw. */
  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Declares one; gives its number, the same in every session. */
  add(
    subject: string,
    options: { queueGroup?: string | undefined; onMessage: (message: TransportMessage) => void },
  ): number {
    const id = ++this.#lastId;
    this.#byId.set(id, {
      id,
      subject,
      exact: !/[*>]/.test(subject),
      queueGroup: options.queueGroup,
      onMessage: options.onMessage,
      ready: withResolvers(),
      confirmed: false,
      retired: false,
    });
    return id;
  }

  /** Whether it is still listened to. */
  has(id: number): boolean {
    return this.#byId.has(id);
  }

  /** Takes one away; nothing is delivered to it after that. `true` where the broker has not been told yet. */
  remove(id: number): boolean {
    const subscription = this.#byId.get(id);
    subscription?.ready.resolve();
    this.#byId.delete(id);
    return subscription?.retired === false;
  }

  /** Resolves when the broker has it. */
  ready(id: number): Promise<void> {
    return this.#byId.get(id)?.ready.promise ?? Promise.resolve();
  }

  /** The protocol line of one. */
  line(id: number): string {
    const { subject, queueGroup } = this.#byId.get(id)!;
    return queueGroup === undefined ? `SUB ${subject} ${id}` : `SUB ${subject} ${queueGroup} ${id}`;
  }

  /** It is not written to another session; what still comes for it is delivered. */
  retire(id: number): void {
    const subscription = this.#byId.get(id);
    if (subscription !== undefined) subscription.retired = true;
  }

  /** The protocol lines of all. */
  lines(): readonly string[] {
    return [...this.#byId.values()].filter(({ retired }) => !retired).map(({ id }) => this.line(id));
  }

  /** The numbers of those the broker has not confirmed yet. */
  unconfirmed(): readonly number[] {
    return [...this.#byId.values()].filter((subscription) => !subscription.confirmed).map(({ id }) => id);
  }

  /** The broker has these. */
  confirm(ids: readonly number[]): void {
    for (const id of ids) {
      const subscription = this.#byId.get(id);
      if (subscription === undefined) continue;
      subscription.confirmed = true;
      subscription.ready.resolve();
    }
  }

  /** A new session knows none of them. */
  reset(): void {
    for (const subscription of this.#byId.values()) subscription.confirmed = false;
  }

  /** The broker refused those on a subject, or the newest ones; they are tried again in the next session. */
  deny(subject: string | undefined, error: MessagingError): void {
    for (const subscription of this.#byId.values()) {
      if (subject === undefined ? !subscription.confirmed : subscription.subject === subject) {
        subscription.ready.reject(error);
      }
    }
  }

  /** There will be no further session. */
  end(error: MessagingError): void {
    for (const subscription of this.#byId.values()) subscription.ready.reject(error);
    this.#byId.clear();
  }

  /** Hands a message to its callback; what that throws is logged and goes no further. */
  deliver(message: IncomingMessage): void {
    const subscription = this.#byId.get(message.subscriptionId);
    if (subscription === undefined) return;
    try {
      subscription.onMessage({
        subject: subscription.exact ? subscription.subject : textOf(message.subject),
        replySubject: message.replySubject === undefined ? undefined : textOf(message.replySubject),
        headerBlock: message.headerBlock,
        body: message.body,
      });
    } catch (error) {
      this.#logger.error("A message callback threw", { subject: subscription.subject, error });
    }
  }
}

/** A subject as text. Most are short, where a decoder costs more than the text. */
function textOf(bytes: Uint8Array): string {
  return bytes.length > 512
    ? decoder.decode(bytes)
    : String.fromCharCode.apply(undefined, bytes as unknown as number[]);
}
