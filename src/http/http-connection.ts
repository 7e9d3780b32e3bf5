import { MessagingError } from "../errors/messaging-error.ts";
import type { Logger } from "../logging/logger.ts";
import type { Clock } from "../transport/clock.ts";
import { pause } from "../transport/pause.ts";
import { payloadTooLarge } from "../transport/payload-limit.ts";
import { PendingRequests } from "../transport/pending-requests.ts";
import { reconnectDelayMs } from "../transport/reconnect-delay.ts";
import type { ReplayOptions } from "../transport/event-store.ts";
import type { StatusBoard } from "../transport/status-board.ts";
import type {
  ConnectionStatus,
  TransportMessage,
  TransportRequestOptions,
  TransportSubscribeOptions,
} from "../transport/transport.ts";
import { withResolvers } from "../transport/with-resolvers.ts";
import { askReadiness } from "./ask-readiness.ts";
import { callGateway, type GatewayCaller, networkError } from "./call-gateway.ts";
import { refusePlaintextToken } from "./gateway-address.ts";
import { type EventsPath, eventsPath, requestPath } from "./gateway-paths.ts";
import type { FollowEventsOptions } from "./follow-events.ts";
import { GatewayStream, type StreamListener, type StreamShare } from "./gateway-stream.ts";
import { readAnswer } from "./read-answer.ts";
import { readBody } from "./read-body.ts";
import { requestFields } from "./request-fields.ts";

/** Browsers open so many connections to a host over HTTP/1.1; one is for requests. */
const streamsBesideRequests = 5;

/** What a connection to a gateway is made of. */
export interface HttpConnectionOptions {
  /** Whom to call. */
  readonly caller: GatewayCaller;
  /** How long a gateway may take to answer what it knows at once, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** How long an event stream may be silent, in milliseconds. */
  readonly staleAfterMs: number;
  /** The most bytes of an answer or an event. */
  readonly maximumMessageBytes: number;
  /** Time and randomness. */
  readonly clock: Clock;
  /** Hears what is lost or refused. */
  readonly logger: Logger;
  /** Shows the status. */
  readonly board: StatusBoard;
}

/** What all participants of an `HttpTransport` share: the requests that wait, the event streams, and the status. */
export class HttpConnection {
  /** Who waits for an answer. */
  readonly pending: PendingRequests;
  readonly #options: HttpConnectionOptions;
  readonly #streams = new Set<GatewayStream>();
  readonly #ending = new AbortController();
  #maxPayloadBytes: number;
  #recovering = false;
  #warned = false;

  private constructor(options: HttpConnectionOptions, maxPayloadBytes: number) {
    this.#options = options;
    this.#maxPayloadBytes = maxPayloadBytes;
    this.pending = new PendingRequests(options.clock);
  }

  /** Asks the gateway whether it is ready. @throws {MessagingError} `DISCONNECTED` */
  static async open(options: HttpConnectionOptions, signal: AbortSignal): Promise<HttpConnection> {
    const { board } = options;
    board.set("connecting");
    try {
      const connection = new HttpConnection(options, await askReadiness(options, signal));
      board.set("connected");
      return connection;
    } catch (error) {
      board.set("closed", error as Error);
      throw error;
    }
  }

  /** The most bytes the body of a request may have, as the gateway said last. */
  get maxPayloadBytes(): number {
    return this.#maxPayloadBytes;
  }

  /** Sends a request; whatever it fails with is a rejection. */
  request<Answer = TransportMessage>(
    owner: object,
    subject: string,
    body: Uint8Array,
    options: TransportRequestOptions<Answer>,
  ): Promise<Answer> {
    const abort = new AbortController();
    const answer = this.pending.wait(owner, subject, options, (pending) => {
      this.#exchange(subject, body, options, abort.signal).then(
        (message) => this.pending.settle(options.requestId, message),
        (error: MessagingError) => pending.reject(error),
      );
      return true;
    });
    answer.catch(() => abort.abort());
    return answer;
  }

  /** Listens; who listens to the same with the same token shares a stream. What is refused rejects `ready`. */
  listen(subject: string, options: TransportSubscribeOptions): StreamShare {
    const { queueGroup, token } = options;
    let stream: GatewayStream | undefined;
    try {
      const place = eventsPath(subject, queueGroup);
      stream = [...this.#streams].find((known) => known.isFor(place.path, token)) ??
        this.#openStream(subject, place, token);
    } catch (error) {
      const { promise, reject } = withResolvers<void>();
      reject(error);
      return { ready: promise, leave: () => {} };
    }
    const { onMessage, onGap, onRefused } = options;
    const share = stream.join({ onMessage, onGap, onRefused });
    return {
      get ready() {
        return share.ready;
      },
      leave: () => {
        share.leave();
        if (stream.size === 0) this.#closeStream(stream);
      },
    };
  }

  /** Who hears what is lost or refused. */
  get logger(): Logger {
    return this.#options.logger;
  }

  /**
   * Opens a stream for one listener alone, which begins somewhere; it is read on when `room` resolves.
   *
   * @throws {MessagingError} `UNSUPPORTED` for a subject that is no event's
   */
  follow(
    { subject, from, token }: Pick<ReplayOptions, "subject" | "from" | "token">,
    listener: StreamListener,
    room: FollowEventsOptions["room"],
  ): { readonly ready: Promise<void>; end(error: MessagingError): void } {
    const stream = this.#openStream(subject, eventsPath(subject, undefined, from), token, room);
    const { ready } = stream.join(listener);
    return { ready, end: (error) => this.#closeStream(stream, error) };
  }

  /** Ends it for good. */
  close(): Promise<void> {
    this.#ending.abort();
    for (const stream of this.#streams) stream.end(closedError());
    this.#streams.clear();
    this.pending.rejectAll("the connection was closed");
    this.#options.board.set("closed");
    return Promise.resolve();
  }

  async #exchange(
    subject: string,
    body: Uint8Array,
    { operation, headers: given, timeoutMs }: Omit<TransportRequestOptions, "read">,
    signal: AbortSignal,
  ): Promise<TransportMessage> {
    const { caller, maximumMessageBytes, clock } = this.#options;
    const what = `Request "${operation}"`;
    const path = requestPath(subject, operation);
    const headers = requestFields(given, timeoutMs, operation);
    if (headers.has("Authorization")) refusePlaintextToken(what, caller.address, operation);
    if (body.length > this.#maxPayloadBytes) throw payloadTooLarge(body.length, this.#maxPayloadBytes, operation);
    if (body.length > 0 && !headers.has("Content-Type")) headers.set("Content-Type", "application/json");
    const init = { method: "POST", headers, ...(body.length > 0 ? { body: body as Uint8Array<ArrayBuffer> } : {}) };
    try {
      const response = await callGateway(caller, path, init, signal);
      const answer = await readBody(response, signal, maximumMessageBytes);
      const message = readAnswer(response, answer, { subject, what, operation, clock, maximumMessageBytes });
      this.#answered();
      return message;
    } catch (thrown) {
      const error = networkError(thrown, `${what} got no answer`, caller.address, { operation });
      if (error.code === "DISCONNECTED" && !signal.aborted) this.#failed(error);
      throw error;
    }
  }

  #closeStream(stream: GatewayStream, error = closedError()): void {
    this.#streams.delete(stream);
    stream.end(error);
  }

  #openStream(
    subject: string,
    place: EventsPath,
    token: TransportSubscribeOptions["token"],
    room?: FollowEventsOptions["room"],
  ): GatewayStream {
    const { logger, maximumMessageBytes: maximumLength } = this.#options;
    const stream: GatewayStream = new GatewayStream({
      ...this.#options,
      ...place,
      subject,
      token,
      room,
      maximumLength,
      onAnswer: () => this.#answered(),
      onFailure: (error) => this.#failed(error),
      onRefused: () => this.#streams.delete(stream),
    });
    this.#streams.add(stream);
    if (this.#streams.size > streamsBesideRequests && !this.#warned) {
      this.#warned = true;
      logger.warn(
        `More than ${streamsBesideRequests} event streams are open: over HTTP/1.1 browsers open 6 connections to a host, ` +
          "and requests wait until one is free; serve the gateway over HTTP/2",
      );
    }
    return stream;
  }

  #answered(): void {
    this.#show("connected");
  }

  #failed(error: MessagingError): void {
    // What else fails meanwhile names its own operation, and is no other reason.
    if (this.#options.board.status !== "reconnecting") this.#show("reconnecting", error);
    if (!this.#recovering) void this.#recover();
  }

  /** What comes in the moment of closing is nothing to tell any longer. */
  #show(status: ConnectionStatus, error?: MessagingError): void {
    if (!this.#ending.signal.aborted) this.#options.board.set(status, error);
  }

  /** Asks until the gateway answers, or something else has heard from it. */
  async #recover(): Promise<void> {
    const { board, clock, logger } = this.#options;
    const { signal } = this.#ending;
    this.#recovering = true;
    for (let attempt = 0; board.status === "reconnecting"; attempt++) {
      const delayMs = reconnectDelayMs(attempt, clock);
      if (delayMs > 0) await pause(clock, delayMs, signal);
      try {
        this.#maxPayloadBytes = await askReadiness(this.#options, signal);
        this.#answered();
      } catch (error) {
        if (!signal.aborted) logger.debug("An attempt to reach the gateway failed", { attempt, error });
      }
    }
    this.#recovering = false;
  }
}

function closedError(): MessagingError {
  return new MessagingError("DISCONNECTED", "The connection was closed", { execution: "not-executed" });
}
