import { MessagingError } from "../errors/messaging-error.ts";
import type { Logger } from "../logging/logger.ts";
import { encodeHeaderBlock } from "../message/header-block.ts";
import { MessageHeaders } from "../message/message-headers.ts";
import { pause } from "../transport/pause.ts";
import { randomFraction, reconnectDelayMs } from "../transport/reconnect-delay.ts";
import type { StoredMessage } from "../transport/event-store.ts";
import type { TransportMessage, TransportSubscribeOptions } from "../transport/transport.ts";
import { withResolvers } from "../transport/with-resolvers.ts";
import { EventReader, type ServerSentEvent } from "./event-reader.ts";
import { followEvents, type FollowEventsOptions } from "./follow-events.ts";
import type { EventsPath } from "./gateway-paths.ts";
import { problemError } from "./problem.ts";

/** A stream that lived this long, in milliseconds, is tried again at once. */
const steadyMs = 5_000;
/** The longest wait that a gateway can ask for, in milliseconds. */
const longestPauseMs = 600_000;
/** How long a stream waits at most that is refused and no longer only failing, in milliseconds. */
const refusedPauseMs = 30_000;
/** The same where nobody is known by its token, and the next one may be another. */
const otherTokenPauseMs = 5_000;

/** What a gateway stream is made of. */
export interface GatewayStreamOptions extends Omit<FollowEventsOptions, "reader" | "onLive">, EventsPath {
  /** The longest event that is read, in characters. */
  readonly maximumLength: number;
  /** Hears what is lost. */
  readonly logger: Logger;
  /** The gateway has answered. */
  readonly onAnswer: () => void;
  /** The way to the gateway failed. */
  readonly onFailure: (error: MessagingError) => void;
  /** The gateway refused it before it ever came; it has ended. */
  readonly onRefused: () => void;
}

/** One listener's share of a stream. */
export interface StreamShare {
  /** The gateway has the stream, now or again. @throws {MessagingError} what it refused it with, `DISCONNECTED` */
  readonly ready: Promise<void>;
  /** Leaves it. */
  readonly leave: () => void;
}

/** What a gateway says of an event that is stored. */
export type StoredPlace = Pick<StoredMessage, "sequence" | "publishedAt">;

/** Who listens, and to what else than messages. */
export interface StreamListener extends Pick<TransportSubscribeOptions, "onGap" | "onRefused"> {
  /** Takes a message; `stored` where it is one of a stored event. */
  readonly onMessage: (message: TransportMessage, stored: StoredPlace | undefined) => void;
  /** The gateway has answered. */
  readonly onLive?: (() => void) | undefined;
  /** The stream was lost, and is tried again. */
  readonly onLost?: ((error: MessagingError) => void) | undefined;
}

const encoder = new TextEncoder();

/** The events of one subject, for all who listen to it: streams one after another, until the last listener leaves. */
export class GatewayStream {
  readonly #options: GatewayStreamOptions;
  readonly #reader: EventReader;
  readonly #listeners = new Set<StreamListener>();
  readonly #ending = new AbortController();
  /** Whether the gateway has ever had it. */
  #known = false;
  /** When the stream became live; `undefined` while there is none. */
  #liveAt: number | undefined;
  #live = withResolvers<void>();
  /** What it is refused with, as those who listen know. */
  #refusedWith: string | undefined;

  /** Starts at once. */
  constructor(options: GatewayStreamOptions) {
    this.#options = options;
    this.#reader = new EventReader(options.maximumLength, (event) => this.#take(event));
    void this.#run();
  }

  /** Whether whoever listens like this can share it. */
  isFor(path: string, token: TransportSubscribeOptions["token"]): boolean {
    return this.#options.path === path && this.#options.token === token;
  }

  /** How many listen. */
  get size(): number {
    return this.#listeners.size;
  }

  /** Adds a listener. */
  join(given: StreamListener): StreamShare {
    // Who listens twice is two listeners.
    const listener = { ...given };
    this.#listeners.add(listener);
    const live = (): Promise<void> => this.#live.promise;
    return {
      get ready() {
        return live();
      },
      leave: () => void this.#listeners.delete(listener),
    };
  }

  /** Ends it for good. */
  end(error: MessagingError): void {
    this.#listeners.clear();
    this.#ending.abort(error);
    this.#live.reject(error);
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#ending;
    const reader = this.#reader;
    const onLive = (): void => this.#arrived();
    for (let attempt = 0; !signal.aborted; attempt++) {
      reader.restart();
      // Whoever asks between two attempts hears what it was refused with.
      if (this.#refusedWith !== undefined) this.#live = withResolvers();
      const error = await followEvents({ ...this.#options, reader, onLive }, signal).catch((error) => error);
      if (signal.aborted) return;
      if (this.#liveAt !== undefined && clock.now() - this.#liveAt >= steadyMs) attempt = 0;
      const wantedMs = Math.min(longestPauseMs, Math.max(error.retryAfterMs ?? 0, reader.retryMs));
      const delayMs = Math.max(this.#lost(error, attempt), wantedMs);
      if (!this.#ending.signal.aborted && delayMs > 0) await pause(clock, delayMs, signal);
    }
  }

  #arrived(): void {
    const { clock, logger, subject, onAnswer } = this.#options;
    if (this.#known) {
      logger.info("An event stream is back", { subject });
      // Asked to go on from an event, the gateway says by itself where it cannot.
      if (this.#reader.lastEventId === undefined) this.#tell((listener) => listener.onGap?.("outage"));
    }
    this.#known = true;
    this.#refusedWith = undefined;
    this.#liveAt = clock.now();
    this.#live.resolve();
    this.#tell((listener) => listener.onLive?.());
    onAnswer();
  }

  /** What follows from the end of a stream; gives how long to wait before the next one, in milliseconds. */
  #lost(error: MessagingError, attempt: number): number {
    const { clock, logger, subject, onFailure, onRefused } = this.#options;
    const wasLive = this.#liveAt !== undefined;
    this.#liveAt = undefined;
    if (wasLive) {
      this.#live = withResolvers();
      this.#tell((listener) => listener.onLost?.(error));
    }
    if (error.code === "DISCONNECTED") onFailure(error);
    if (wasLive) logger.warn("An event stream was lost", { subject, error });
    else if (error.retryable && error.code !== "UNAUTHENTICATED") {
      logger.debug("An event stream failed", { subject, error });
    } else if (error.code === "INVALID_REQUEST" && this.#reader.lastEventId !== undefined) {
      // The stream that the id is of is no longer there.
      this.#reader.lastEventId = undefined;
      this.#reset("the gateway knows nothing of the last event");
    } else if (!this.#known) {
      this.end(error);
      onRefused();
    } else {
      logger.warn("An event stream that was there before is refused", { subject, error });
      const isKnown = this.#refusedWith === error.code;
      this.#refusedWith = error.code;
      this.#live.reject(error);
      if (!isKnown) this.#tell((listener) => listener.onRefused?.(error));
      if (!error.retryable) return this.#refusedPauseMs(error) * (1 + randomFraction(clock)) / 2;
    }
    return reconnectDelayMs(attempt, clock);
  }

  #refusedPauseMs({ code }: MessagingError): number {
    const mayBeAnother = code === "UNAUTHENTICATED" && typeof this.#options.token === "function";
    return mayBeAnother ? otherTokenPauseMs : refusedPauseMs;
  }

  #take({ event, data, id, subject, time, headers }: ServerSentEvent): void {
    const { logger, subject: wanted, prefix, event: operation } = this.#options;
    if (event === "gateway.end") {
      throw problemError(encoder.encode(data), { operation }) ??
        new MessagingError("DISCONNECTED", `The gateway ended the subscription to "${wanted}"`, { operation });
    }
    if (event === "gateway.reset") return this.#reset(data);
    if (subject === undefined) return logger.warn("An event that names no subject was dropped", { subject: wanted });
    const message: TransportMessage = {
      subject: prefix + subject,
      replySubject: undefined,
      headerBlock: headers.length === 0 ? undefined : encodeHeaderBlock(MessageHeaders.fromTrusted(headers)),
      body: encoder.encode(data),
    };
    const stored = time === undefined ? undefined : { sequence: Number(id), publishedAt: time };
    this.#tell((listener) => listener.onMessage(message, stored));
  }

  #reset(reason: string): void {
    const { logger, subject } = this.#options;
    logger.warn("Events may have been missed", { subject, reset: reason });
    this.#tell((listener) => listener.onGap?.("reset"));
  }

  #tell(what: (listener: StreamListener) => void): void {
    for (const listener of [...this.#listeners]) {
      if (!this.#listeners.has(listener)) continue;
      try {
        what(listener);
      } catch (error) {
        this.#options.logger.error("A message callback threw", { subject: this.#options.subject, error });
      }
    }
  }
}
