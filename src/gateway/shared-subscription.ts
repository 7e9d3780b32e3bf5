import { openEvent } from "../client/payload-protection.ts";
import { validationError } from "../contract/validator.ts";
import { MessagingError } from "../errors/messaging-error.ts";
import type { Logger } from "../logging/logger.ts";
import { decodeHeaderBlock } from "../message/header-block.ts";
import { decodeBody } from "../message/json-codec.ts";
import { MessageHeaders } from "../message/message-headers.ts";
import type { PayloadEncryption } from "../message/payload-encryption.ts";
import { TaskQueue } from "../transport/task-queue.ts";
import type { TransportConnection, TransportMessage, TransportSubscription } from "../transport/transport.ts";
import { eventFrame, resetFrame } from "./event-frame.ts";
import type { GatewayMetrics } from "./gateway-metrics.ts";
import type { EventTarget } from "./route-table.ts";
import type { StreamWriter } from "./stream-writer.ts";

/** How many events wait while one before them is decrypted or checked; over that the oldest is dropped. */
const queueLimit = 1_024;

/** What a shared subscription is made of. */
export interface SharedSubscriptionOptions {
  readonly target: EventTarget;
  /** What is listened to, with the namespace. */
  readonly subject: string;
  readonly encryption: PayloadEncryption | undefined;
  /** Whether events carry their traces to those who hear them. */
  readonly shareTraces: boolean;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
  readonly now: () => number;
  /** The next event's id. */
  readonly nextId: () => string;
}

/** One subscription at the broker for all streams that show the same: an event is opened, checked and written once. */
export class SharedSubscription {
  /** Those who hear it. */
  readonly streams: Set<StreamWriter> = new Set();
  /** The broker has it. */
  readonly ready: Promise<void>;
  readonly #options: SharedSubscriptionOptions;
  readonly #subscription: TransportSubscription;
  readonly #queue: TaskQueue<TransportMessage>;

  /** Subscribes at once. @throws {MessagingError} what the connection says */
  constructor(connection: TransportConnection, options: SharedSubscriptionOptions) {
    this.#options = options;
    this.#queue = new TaskQueue({ concurrency: 1, queueLimit, run: (message) => this.#take(message) });
    this.#subscription = connection.subscribe(options.subject, { onMessage: (message) => this.#receive(message) });
    this.ready = this.#subscription.ready;
    this.ready.catch(() => {});
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
      this.#drop("queue", new MessagingError("BUSY", `${queueLimit} events wait already`));
      this.#tell(resetFrame("Events came faster than the gateway could open them, and some are missing"));
    }
    // What waits must not hold on to the socket's memory.
    const { body, headerBlock } = message;
    this.#queue.add({ ...message, body: body.slice(), headerBlock: headerBlock?.slice() });
  }

  #take(message: TransportMessage): void | Promise<void> {
    const { encryption, target } = this.#options;
    try {
      const headers = message.headerBlock === undefined
        ? MessageHeaders.empty
        : decodeHeaderBlock(message.headerBlock).headers;
      if (target.operation.template.read(target.prefix, message.subject) === undefined) {
        throw new MessagingError("MALFORMED_MESSAGE", "The event came on a subject that is not of its form");
      }
      if (encryption === undefined) return this.#check(message.subject, headers, message.body);
      return openEvent(encryption, target.subjects.relative(message.subject), headers, message.body)
        .then((body) => this.#check(message.subject, headers, body))
        .catch((error: unknown) => this.#drop("invalid", error));
    } catch (error) {
      this.#drop("invalid", error);
    }
  }

  /** Hands an event on at once where it can be checked at once. */
  #check(subject: string, headers: MessageHeaders, body: Uint8Array): void | Promise<void> {
    const { operation } = this.#options.target;
    const checking = operation.event.validate(decodeBody(body));
    if (!(checking instanceof Promise)) return this.#pass(subject, headers, body, checking);
    const own = body.slice();
    return checking.then((checked) => this.#pass(subject, headers, own, checked))
      .catch((error: unknown) => this.#drop("invalid", error));
  }

  #pass(
    subject: string,
    headers: MessageHeaders,
    body: Uint8Array,
    { issues }: Awaited<ReturnType<EventTarget["operation"]["event"]["validate"]>>,
  ): void {
    const { target: { operation, prefix, counts }, metrics, nextId, shareTraces: sharesTrace } = this.#options;
    if (issues !== undefined) return this.#drop("invalid", validationError("INVALID_EVENT", operation.name, issues));
    counts.events += 1;
    metrics.delivered += this.streams.size;
    // The event's name and what follows it: the prefix ends with that name.
    const shown = subject.slice(prefix.length - operation.name.length);
    this.#tell(eventFrame({ id: nextId(), name: operation.name, subject: shown, headers, sharesTrace, body }));
  }

  #tell(frame: Uint8Array): void {
    const now = this.#options.now();
    for (const stream of this.streams) stream.push(frame, now);
  }

  #drop(reason: string, error: unknown): void {
    const { metrics, logger, target: { contract, operation } } = this.#options;
    metrics.dropped(reason);
    logger.warn("An event was not passed on", { contract: contract.name, operation: operation.name, error });
  }
}
