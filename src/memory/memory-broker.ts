import { BytePool } from "../message/byte-pool.ts";
import { encodeHeaderBlock } from "../message/header-block.ts";
import { MessageHeaders } from "../message/message-headers.ts";
import { type Clock, systemClock } from "../transport/clock.ts";
import { defaultMaxPayloadBytes } from "../transport/payload-limit.ts";
import type { TransportMessage } from "../transport/transport.ts";
import { SubjectIndex } from "./subject-index.ts";

/**
 * Options of `MemoryBroker`.
 *
 * @example
 * ```ts
 * import type { MemoryBrokerOptions } from "@magicbutton/messaging";
 *
 * const options: MemoryBrokerOptions = { maxPayloadBytes: 65_536 };
 * ```
 */
export interface MemoryBrokerOptions {
  /** The most bytes of a message, headers and body together. @default 1048576, as nats-server's */
  readonly maxPayloadBytes?: number;
  /** Time, for how long its streams keep and wait. @default the runtime's */
  readonly clock?: Clock;
}

/** A message on its way through the broker. */
export interface MemoryPublication {
  /** Where it goes. */
  readonly subject: string;
  /** Where an answer goes. */
  readonly replySubject?: string | undefined;
  /** As NATS would carry it. */
  readonly headerBlock?: Uint8Array | undefined;
  /** As NATS would carry it. */
  readonly body: Uint8Array;
}

/** Somebody who listens. */
export interface MemorySubscription {
  /** A subject, `*` and a last `>` standing for tokens. */
  readonly subject: string;
  /** Members of one group share the messages. */
  readonly queueGroup?: string | undefined;
  /** Called for each message. Never throws. */
  readonly deliver: (message: TransportMessage) => void;
}

/** What keeps a memory broker's streams: the library's own, loaded when a participant asks for them. */
export interface MemoryStreamKeeper {
  /** Takes a message where a stream wants it, and tells whether one did. Never throws. */
  take(message: TransportMessage): boolean;
  /** Deletes a stream and all it has; `false` where there is none. Never throws. */
  deleteStream(stream: string): boolean;
  /** Deletes a consumer; `false` where there is none. Never throws. */
  deleteConsumer(stream: string, consumer: string): boolean;
}

const noResponders = encodeHeaderBlock(MessageHeaders.empty, 503);
const noBody = new Uint8Array(0);

/**
 * A message broker in memory: subjects with wildcards, queue groups, no-responders, a payload limit and streams as in NATS.
 * Share one between transports that shall hear each other.
 *
 * @example
 * ```ts
 * import { MemoryBroker, MemoryTransport } from "@magicbutton/messaging";
 *
 * const broker = new MemoryBroker();
 * const one = new MemoryTransport({ broker });
 * const other = new MemoryTransport({ broker });
 * ```
 */
export class MemoryBroker {
  /** The most bytes of a message, headers and body together. */
  readonly maxPayloadBytes: number;
  /** Time, for how long its streams keep and wait. */
  readonly clock: Clock;
  /** Its streams, made by the first participant that asks for them: a program without durable events has none of it. */
  "~streams": MemoryStreamKeeper | undefined = undefined;
  readonly #listeners = new SubjectIndex<MemorySubscription>();
  readonly #pool = new BytePool();
  #waiting: TransportMessage[] = [];
  /** When each member of a queue group was last chosen. */
  readonly #turns = new WeakMap<MemorySubscription, number>();
  #turn = 0;

  /** A broker that nobody listens to yet. Never throws. */
  constructor(options: MemoryBrokerOptions = {}) {
    this.maxPayloadBytes = options.maxPayloadBytes ?? defaultMaxPayloadBytes;
    this.clock = options.clock ?? systemClock;
  }

  /** Adds a listener; the function that comes back takes it away. Never throws. */
  subscribe(subscription: MemorySubscription): () => void {
    this.#listeners.add(subscription);
    return () => this.#listeners.delete(subscription);
  }

  /** Takes a message; it is delivered after the caller's turn, in order. Its bytes are copied. Never throws. */
  publish(publication: MemoryPublication): void {
    if (this.#waiting.length === 0) queueMicrotask(() => this.#deliverWaiting());
    const { subject, replySubject, headerBlock, body } = publication;
    this.#waiting.push({
      subject,
      replySubject,
      headerBlock: headerBlock === undefined ? undefined : this.#pool.copy(headerBlock),
      body: this.#pool.copy(body),
    });
  }

  /** Resolves when all that was published before is delivered. Never rejects. */
  delivered(): Promise<void> {
    return new Promise((resolve) => queueMicrotask(resolve));
  }

  /**
   * Deletes a stream of durable events and all it has, as an operator may: who reads it makes it again. `false` where
   * there is none of this name. Never throws.
   */
  deleteStream(stream: string): boolean {
    return this["~streams"]?.deleteStream(stream) ?? false;
  }

  /**
   * Deletes a durable consumer, as an operator may: who reads with it makes it again. `false` where there is none.
   * Never throws.
   */
  deleteConsumer(stream: string, consumer: string): boolean {
    return this["~streams"]?.deleteConsumer(stream, consumer) ?? false;
  }

  #deliverWaiting(): void {
    const messages = this.#waiting;
    this.#waiting = [];
    for (const message of messages) this.#deliver(message);
  }

  #deliver(message: TransportMessage): void {
    const taken = this["~streams"]?.take(message) ?? false;
    const listeners = this.#listeners.find(message.subject);
    if (listeners.length > 0) {
      // One alone gets it, with a group or without.
      for (const receiver of listeners.length === 1 ? listeners : this.#receivers(listeners)) receiver.deliver(message);
      return;
    }
    const { replySubject } = message;
    if (replySubject !== undefined && !taken) {
      this.publish({ subject: replySubject, headerBlock: noResponders, body: noBody });
    }
  }

  /** Every listener without a group, and one of each group, in turn. */
  #receivers(listeners: readonly MemorySubscription[]): readonly MemorySubscription[] {
    const receivers: MemorySubscription[] = [];
    const groups = new Map<string, MemorySubscription[]>();
    for (const listener of listeners) {
      if (listener.queueGroup === undefined) {
        receivers.push(listener);
        continue;
      }
      const members = groups.get(listener.queueGroup);
      if (members === undefined) groups.set(listener.queueGroup, [listener]);
      else members.push(listener);
    }
    for (const members of groups.values()) receivers.push(this.#choose(members));
    return receivers;
  }

  /** The member whose turn is longest ago: a count for all groups together would favour one where groups take turns. */
  #choose(members: readonly MemorySubscription[]): MemorySubscription {
    const turnOf = (member: MemorySubscription): number => this.#turns.get(member) ?? 0;
    const chosen = members.reduce((one, other) => turnOf(other) < turnOf(one) ? other : one);
    this.#turn += 1;
    this.#turns.set(chosen, this.#turn);
    return chosen;
  }
}

/** What a memory broker offers: another copy of this library in the process has a class of its own for it. */
export type SharedMemoryBroker = Pick<MemoryBroker, keyof MemoryBroker>;
