import type { MessagingError } from "../errors/messaging-error.ts";
import type { Logger } from "../logging/logger.ts";
import type { GapReason, TransportMessage } from "../transport/transport.ts";
import { type PromiseEnds, withResolvers } from "../transport/with-resolvers.ts";
import type { BrokerError } from "./broker-error.ts";
import type { IncomingMessage } from "./incoming-message.ts";

/** What is to be listened to, and who hears. */
export interface SubscriptionOptions {
  /** Members of one group share the messages. */
  readonly queueGroup?: string | undefined;
  /** Takes a message. */
  readonly onMessage: (message: TransportMessage) => void;
  /** It is back; messages may have been missed. */
  readonly onGap?: ((reason: GapReason) => void) | undefined;
  /** The broker refuses it, and is asked again. */
  readonly onRefused?: ((error: MessagingError) => void) | undefined;
  /** The broker has it. */
  readonly onReady?: (() => void) | undefined;
}

interface Subscription extends SubscriptionOptions {
  readonly id: number;
  readonly subject: string;
  readonly exact: boolean;
  ready: PromiseEnds<void>;
  /** `ready` is settled in the second and the third. */
  state: "awaited" | "confirmed" | "refused";
  /** Why messages may have been missed, to be told when it is back. */
  gap: GapReason | undefined;
  retired: boolean;
}

const decoder = new TextDecoder();

/** What a connection listens to: declared once, told to each session anew. */
export class Subscriptions {
  readonly #byId = new Map<number, Subscription>();
  readonly #logger: Logger;
  #lastId = 0;

  /** The logger hears what callbacks throw. */
  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Declares one; gives its number, the same in every session. */
  add(subject: string, options: SubscriptionOptions): number {
    const id = ++this.#lastId;
    this.#byId.set(id, {
      ...options,
      id,
      subject,
      exact: !/[*>]/.test(subject),
      ready: withResolvers(),
      state: "awaited",
      gap: undefined,
      retired: false,
    });
    return id;
  }

  /** The numbers of those that a session is to be told of. */
  wanted(): readonly number[] {
    return [...this.#byId.values()].filter(({ retired }) => !retired).map(({ id }) => id);
  }

  /** Whether a session is to be told of it. */
  isWanted(id: number): boolean {
    return this.#byId.get(id)?.retired === false;
  }

  /** Whether its messages come to one member of a group only. */
  isShared(id: number): boolean {
    return this.#byId.get(id)?.queueGroup !== undefined;
  }

  /** Whether the broker refuses any of them. */
  get someRefused(): boolean {
    return [...this.#byId.values()].some(({ state }) => state === "refused");
  }

  /** Takes one away; nothing is delivered to it after that. */
  remove(id: number): void {
    this.#byId.get(id)?.ready.resolve();
    this.#byId.delete(id);
  }

  /** Resolves when the broker has it; `undefined` where it was taken away. */
  ready(id: number): Promise<void> | undefined {
    return this.#byId.get(id)?.ready.promise;
  }

  /** The protocol line of one. */
  line(id: number): string {
    const { subject, queueGroup } = this.#byId.get(id)!;
    return queueGroup === undefined ? `SUB ${subject} ${id}` : `SUB ${subject} ${queueGroup} ${id}`;
  }

  /** No further session is told of it; what still comes for it is delivered. */
  retire(id: number): void {
    const subscription = this.#byId.get(id);
    if (subscription !== undefined) subscription.retired = true;
  }

  /** The broker has these. */
  confirm(ids: readonly number[]): void {
    for (const id of ids) {
      const subscription = this.#byId.get(id);
      if (subscription === undefined || subscription.state === "confirmed") continue;
      if (subscription.state === "refused") subscription.ready = withResolvers();
      const { gap } = subscription;
      subscription.state = "confirmed";
      subscription.gap = undefined;
      subscription.ready.resolve();
      this.#call(subscription, () => subscription.onReady?.());
      if (gap !== undefined) this.#call(subscription, () => subscription.onGap?.(gap));
    }
  }

  /** The broker does not have these any more, and is told of them again. */
  away(ids: readonly number[], reason: GapReason): void {
    for (const id of ids) {
      const subscription = this.#byId.get(id);
      if (subscription === undefined || subscription.state === "awaited") continue;
      if (subscription.state === "confirmed") subscription.gap = reason;
      subscription.state = "awaited";
      subscription.ready = withResolvers();
    }
  }

  /** The broker refuses some of them; gives their numbers. Those that it refused before are not told of it again. */
  refuse(refusal: Exclude<BrokerError, { kind: "publish-denied" }>, error: MessagingError): readonly number[] {
    const refused = [...this.#byId.values()].filter((subscription) => concerns(refusal, subscription));
    for (const subscription of refused) {
      const { state } = subscription;
      if (state === "refused") continue;
      if (state === "confirmed") {
        subscription.ready = withResolvers();
        subscription.gap = "outage";
      }
      subscription.state = "refused";
      subscription.ready.reject(error);
      this.#call(subscription, () => subscription.onRefused?.(error));
    }
    return refused.map(({ id }) => id);
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
        subject: subscription.exact ? subscription.subject : decoder.decode(message.subject),
        replySubject: message.replySubject === undefined ? undefined : decoder.decode(message.replySubject),
        headerBlock: message.headerBlock,
        body: message.body,
      });
    } catch (error) {
      this.#threw(subscription, error);
    }
  }

  #call(subscription: Subscription, callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.#threw(subscription, error);
    }
  }

  #threw({ subject }: Subscription, error: unknown): void {
    this.#logger.error("A message callback threw", { subject, error });
  }
}

function concerns(refusal: Exclude<BrokerError, { kind: "publish-denied" }>, subscription: Subscription): boolean {
  const { id, subject, queueGroup, state } = subscription;
  // It does not say which: one of those it has not confirmed.
  if (refusal.kind !== "subscribe-denied") return state === "awaited";
  if (refusal.subscriptionId !== undefined) return refusal.subscriptionId === id;
  return refusal.subject === subject && (refusal.queueGroup === undefined || refusal.queueGroup === queueGroup);
}
