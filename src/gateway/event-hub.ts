import type { MessagingError } from "../errors/messaging-error.ts";
import type { Logger } from "../logging/logger.ts";
import type { PayloadEncryption } from "../message/payload-encryption.ts";
import type { Clock } from "../transport/clock.ts";
import { createIdentifierSource } from "../transport/identifiers.ts";
import type { TransportConnection } from "../transport/transport.ts";
import { EdgeRefusal } from "./edge-refusal.ts";
import type { EventSelection } from "./event-selection.ts";
import type { EventSource } from "./event-source.ts";
import type { EffectiveLimits } from "./gateway-limits.ts";
import type { GatewayMetrics } from "./gateway-metrics.ts";
import { SharedSubscription } from "./shared-subscription.ts";
import { StoredSubscription } from "./stored-subscription.ts";
import type { StreamStart } from "./stream-start.ts";
import { type StreamOwner, StreamWriter } from "./stream-writer.ts";
import type { Sweeper } from "./sweeper.ts";

const instanceLength = 8;

/** What an event hub is made of. */
export interface EventHubOptions {
  readonly limits: EffectiveLimits;
  readonly encryption: PayloadEncryption | undefined;
  readonly sweeper: Sweeper;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
  readonly clock: Clock;
  /** A stream is gone. */
  readonly onClosed: () => void;
}

/** Who opens a stream, and what ends it. */
export interface StreamTerms {
  /** By what its streams are counted; `undefined` where nothing is known of the caller. */
  readonly identity: string | undefined;
  /** When the caller's credentials end, in milliseconds since 1970. */
  readonly expiresAt: number;
  /** Where it begins. */
  readonly start: StreamStart;
  /** What the stream begins with. */
  readonly frames: readonly Uint8Array[];
  /** Why the caller may no longer listen; `undefined` where it may. */
  readonly verify: () => Promise<MessagingError | undefined>;
}

/** A stream that was opened. */
export interface OpenedStream {
  readonly stream: StreamWriter;
  /** The broker sends its events. */
  readonly ready: Promise<void>;
}

interface StreamEntry {
  readonly terms: StreamTerms;
  readonly subject: string;
}

/** All open event streams, and one subscription at the broker for each subject that some of them show. */
export class EventHub implements StreamOwner {
  readonly limits: EffectiveLimits;
  readonly #options: EventHubOptions;
  readonly #sources = new Map<string, EventSource>();
  readonly #streams = new Map<StreamWriter, StreamEntry>();
  readonly #byIdentity = new Map<string, number>();
  #instance: string | undefined;
  #events = 0;

  /** Nobody listens yet. */
  constructor(options: EventHubOptions) {
    this.#options = options;
    this.limits = options.limits;
  }

  /** How many streams are open. */
  get size(): number {
    return this.#streams.size;
  }

  /** How many subscriptions there are at the broker. */
  get subscriptions(): number {
    return this.#sources.size;
  }

  /** The time on the clock's scale. */
  now(): number {
    return this.#options.clock.now();
  }

  /**
   * Opens a stream; the broker has its subscription when `ready` resolves.
   *
   * @throws {EdgeRefusal} for one stream too many
   * @throws {MessagingError} what the connection says; `ready` rejects with it too
   */
  open(connection: TransportConnection, selection: EventSelection, terms: StreamTerms): OpenedStream {
    this.#checkRoom(terms.identity);
    const { subject } = selection;
    const source = this.#sources.get(subject) ?? this.#openSource(connection, selection);
    const stream = new StreamWriter(this, terms.expiresAt, terms.frames);
    const ready = source.join(stream, terms.start);
    ready.catch(() => {});
    this.#streams.set(stream, { terms, subject });
    this.#countIdentity(terms.identity, 1);
    this.#options.metrics.streams = this.size;
    this.#options.sweeper.add(stream);
    return { stream, ready };
  }

  /** The connection was away: whoever listens is told that events may be missing. */
  tellOutage(): void {
    for (const source of this.#sources.values()) source.tellOutage();
  }

  /** Ends all streams. */
  endAll(error: MessagingError, reason: string): void {
    for (const stream of [...this.#streams.keys()]) stream.end(error, reason);
  }

  /** Breaks off those whose readers have not taken the end. */
  breakOffAll(): void {
    for (const stream of [...this.#streams.keys()]) stream.breakOff();
  }

  /** Hears that a stream takes no more. */
  ended(stream: StreamWriter, reason: string | undefined): void {
    const entry = this.#streams.get(stream);
    if (entry === undefined) return;
    if (reason !== undefined) this.#options.metrics.ended(reason);
    const source = this.#sources.get(entry.subject);
    source?.leave(stream);
    if (source === undefined || source.size > 0) return;
    this.#sources.delete(entry.subject);
    source.end();
  }

  /** Hears that a stream is gone. */
  closed(stream: StreamWriter): void {
    const entry = this.#streams.get(stream);
    if (entry === undefined) return;
    this.#streams.delete(stream);
    this.#countIdentity(entry.terms.identity, -1);
    this.#options.metrics.streams = this.size;
    this.#options.sweeper.delete(stream);
    this.#options.onClosed();
  }

  /** Verifies a stream's caller again. */
  recheck(stream: StreamWriter): void {
    void this.#streams.get(stream)?.terms.verify().then((refusal) => {
      if (refusal !== undefined) stream.end(refusal, refusal.code === "FORBIDDEN" ? "forbidden" : "unauthenticated");
    });
  }

  #openSource(connection: TransportConnection, { target, subject }: EventSelection): EventSource {
    const { encryption, metrics, logger } = this.#options;
    const common = { target, subject, encryption, metrics, logger, now: () => this.now() };
    const source = target.stream === undefined
      ? new SharedSubscription(connection, { ...common, nextId: () => this.#nextId() })
      : new StoredSubscription(connection, { ...common, stream: target.stream });
    this.#sources.set(subject, source);
    return source;
  }

  #nextId(): string {
    this.#instance ??= createIdentifierSource(this.#options.clock).next(instanceLength);
    this.#events += 1;
    return `${this.#instance}-${this.#events}`;
  }

  #checkRoom(identity: string | undefined): void {
    const { streams, streamsPerIdentity } = this.limits;
    const own = identity === undefined ? 0 : this.#byIdentity.get(identity) ?? 0;
    if (own >= streamsPerIdentity) {
      throw new EdgeRefusal("BUSY", `The caller has ${streamsPerIdentity} event streams open already`, {
        reason: "streams",
        status: 429,
        retryAfterMs: 1_000,
      });
    }
    if (this.size >= streams) {
      throw new EdgeRefusal("BUSY", "Too many event streams are open", { reason: "streams", retryAfterMs: 1_000 });
    }
  }

  #countIdentity(identity: string | undefined, change: 1 | -1): void {
    if (identity === undefined) return;
    const count = (this.#byIdentity.get(identity) ?? 0) + change;
    if (count > 0) this.#byIdentity.set(identity, count);
    else this.#byIdentity.delete(identity);
  }
}
