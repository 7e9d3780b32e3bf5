import { MessagingError } from "../errors/messaging-error.ts";
import type { Logger } from "../logging/logger.ts";
import { pause } from "../transport/pause.ts";
import { defaultMaxPayloadBytes, payloadTooLarge } from "../transport/payload-limit.ts";
import { ReplyInbox } from "../transport/reply-inbox.ts";
import type { StatusBoard } from "../transport/status-board.ts";
import { BrokerRefusals } from "./broker-refusals.ts";
import { awayError, closedError, firstReason } from "./connection-errors.ts";
import { OutageBuffer, type WaitingMessage } from "./outage-buffer.ts";
import { Publications } from "./publications.ts";
import { reconnectDelayMs } from "./reconnect-delay.ts";
import type { Session } from "./session.ts";
import { SessionOpener, type SessionOpenerOptions } from "./session-opener.ts";
import { Subscriptions } from "./subscriptions.ts";

/** Above this many bytes that the broker has not read, a message is refused instead of kept in memory. */
const maximumUnconfirmedBytes = 16 * 1024 * 1024;
/** How long the broker has to confirm that it sends no more for a subscription, in milliseconds. */
const drainMs = 1_000;
/** How long closing may wait for the broker to read what was sent, in milliseconds. */
const closingFlushMs = 1_000;

/** What a supervised connection is made of. */
export interface NatsConnectionOptions extends SessionOpenerOptions {
  /** The start of reply subjects. */
  readonly inboxPrefix: string | undefined;
  /** Hears what is lost or refused. */
  readonly logger: Logger;
  /** Shows the status. */
  readonly board: StatusBoard;
}

/**
 * A connection that comes back: sessions one after another, with the subscriptions, the pending requests and a bounded
 * buffer that outlive them.
 */
export class NatsConnection {
  /** The table of requests and where their answers arrive. */
  readonly inbox: ReplyInbox;
  /** What is listened to. */
  readonly subscriptions: Subscriptions;
  readonly #options: NatsConnectionOptions;
  readonly #publications: Publications;
  readonly #opener: SessionOpener;
  readonly #refusals: BrokerRefusals;
  readonly #outage = new OutageBuffer();
  readonly #ending = new AbortController();
  #session: Session | undefined;
  /** The session, or the last one while there is none. */
  #newestSession: Session | undefined;

  private constructor(options: NatsConnectionOptions) {
    this.#options = options;
    this.#opener = new SessionOpener(options);
    this.inbox = new ReplyInbox(options.clock, options.inboxPrefix);
    this.subscriptions = new Subscriptions(options.logger);
    this.#publications = new Publications(options.clock);
    const { inbox, subscriptions } = this;
    const { logger } = options;
    this.#refusals = new BrokerRefusals({ inbox, subscriptions, publications: this.#publications, logger });
    this.subscriptions.add(this.inbox.subject, { onMessage: (message) => this.inbox.receive(message) });
  }

  /**
   * Connects to the first server that takes it; each is tried once.
   *
   * @throws {MessagingError} `DISCONNECTED`, `UNAUTHENTICATED`, `UNSUPPORTED`
   */
  static async open(options: NatsConnectionOptions, signal: AbortSignal): Promise<NatsConnection> {
    const connection = new NatsConnection(options);
    const onAbort = (): void => connection.#ending.abort();
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    options.board.set("connecting");
    const failures: MessagingError[] = [];
    for (let tried = 0; tried < options.servers.length; tried++) {
      try {
        await connection.#connect();
        signal.removeEventListener("abort", onAbort);
        options.board.set("connected");
        return connection;
      } catch (error) {
        failures.push(error as MessagingError);
        if (signal.aborted) break;
      }
    }
    const failure = firstReason(failures);
    options.board.set("closed", failure);
    throw failure;
  }

  /** The broker's limit, or the last one known. */
  get maxPayloadBytes(): number {
    return this.#newestSession?.info.maxPayload ?? defaultMaxPayloadBytes;
  }

  /** Why this caller may not use the connection; `undefined` where it may. */
  refusal(operation: string | undefined): MessagingError | undefined {
    return this.#newestSession?.refusal(operation);
  }

  /** Why a request makes no sense; `undefined` where it does. */
  requestRefusal(operation: string): MessagingError | undefined {
    return this.#refusals.requestRefusal(operation);
  }

  /**
   * Sends a message; `false`, and nothing was sent, while the connection is away.
   *
   * @throws {MessagingError} `DISCONNECTED` where it is closed, `BUSY` where the broker does not keep up
   */
  write(
    subject: string,
    replySubject: string | undefined,
    headerBlock: Uint8Array | undefined,
    body: Uint8Array,
    operation: string | undefined,
  ): boolean {
    const session = this.#session;
    if (session === undefined) {
      if (this.#ending.signal.aborted) throw closedError(operation);
      return false;
    }
    if (session.unconfirmedBytes > maximumUnconfirmedBytes) {
      throw new MessagingError(
        "BUSY",
        `Cannot send: the broker has not read ${session.unconfirmedBytes} bytes that were sent to it`,
        { operation, retryAfterMs: 100 },
      );
    }
    session.writeMessage(subject, replySubject, headerBlock, body);
    return true;
  }

  /** Keeps a message until the connection is back. @throws {MessagingError} `DISCONNECTED` where too much waits */
  keep(message: WaitingMessage, operation: string | undefined): void {
    this.#outage.add(message, operation);
  }

  /** Publishes, and resolves when the broker has it. */
  publish(
    message: Omit<WaitingMessage, "wanted" | "onSent" | "onRefused">,
    operation: string,
    timeoutMs: number,
  ): Promise<void> {
    return this.#publications.wait(message.subject, operation, timeoutMs, (publication) => {
      const { subject, replySubject, headerBlock, body } = message;
      const onSent = (): void => publication.confirmedBy(this.#session!.confirm());
      if (this.write(subject, replySubject, headerBlock, body, operation)) return onSent();
      this.keep({
        ...message,
        wanted: () => !publication.settled,
        onSent,
        onRefused: (error) => publication.reject(error),
      }, operation);
    });
  }

  /** Listens; gives the subscription's number. */
  subscribe(subject: string, queueGroup: string | undefined, onMessage: SubscriptionCallback): number {
    if (this.#ending.signal.aborted) throw closedError();
    const id = this.subscriptions.add(subject, { queueGroup, onMessage });
    const session = this.#session;
    if (session !== undefined) {
      session.writeLine(this.subscriptions.line(id));
      this.#confirmSubscriptions(session, [id]);
    }
    return id;
  }

  /** Stops listening. */
  unsubscribe(id: number): void {
    if (this.subscriptions.remove(id)) this.#usableSession?.writeLine(`UNSUB ${id}`);
  }

  /** Tells the broker to send no more for it, and resolves when what was on the way has come; bounded. */
  async drain(id: number): Promise<void> {
    this.#usableSession?.writeLine(`UNSUB ${id}`);
    this.subscriptions.retire(id);
    await this.flush(drainMs).catch(() => {});
  }

  /** Waits until the broker has read all that was sent. @throws {MessagingError} `DISCONNECTED` */
  flush(timeoutMs: number): Promise<void> {
    const session = this.#usableSession;
    return session === undefined ? Promise.reject(awayError()) : session.confirmWithin(timeoutMs);
  }

  /** Ends it for good; bounded, never rejects. */
  async close(): Promise<void> {
    if (this.#ending.signal.aborted) return;
    const session = this.#session;
    if (session !== undefined) await this.flush(closingFlushMs).catch(() => {});
    this.#ending.abort();
    this.#session = undefined;
    session?.close();
    this.inbox.pending.rejectAll("the connection was closed");
    this.#publications.rejectAll(closedError());
    this.subscriptions.end(closedError());
    this.#options.board.set("closed");
  }

  /** For calls that never throw: whoever may not use the connection may still leave it. */
  get #usableSession(): Session | undefined {
    return this.refusal(undefined) === undefined ? this.#session : undefined;
  }

  async #connect(): Promise<void> {
    const { signal } = this.#ending;
    this.#refusals.reset();
    let session: Session | undefined = undefined;
    const opened = await this.#opener.open({
      onMessage: (message) => this.subscriptions.deliver(message),
      onRefusal: (error) => this.#refusals.handle(error),
      onLost: (error) => this.#lost(session, error),
    }, signal);
    for (const line of this.subscriptions.lines()) opened.writeLine(line);
    const written = this.subscriptions.unconfirmed();
    const onAbort = (): void => opened.close();
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      // A broker that falls silent after its greeting is given up like one that never greeted.
      await opened.confirmWithin(this.#options.connectTimeoutMs);
      if (signal.aborted || !opened.isOpen) throw closedError();
    } catch (error) {
      opened.close();
      throw error;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
    this.#session = this.#newestSession = session = opened;
    this.subscriptions.confirm(written);
    this.#writeLateSubscriptions(opened, written);
    // Those taken away while they were on their way: in a queue group the broker would go on giving them their share.
    for (const id of written) if (!this.subscriptions.has(id)) opened.writeLine(`UNSUB ${id}`);
    this.#sendWaiting();
  }

  #sendWaiting(): void {
    for (const message of this.#outage.take()) {
      const bytes = message.body.length + (message.headerBlock?.length ?? 0);
      try {
        if (bytes > this.maxPayloadBytes) throw payloadTooLarge(bytes, this.maxPayloadBytes);
        this.write(message.subject, message.replySubject, message.headerBlock, message.body, undefined);
        message.onSent();
      } catch (error) {
        message.onRefused(error as MessagingError);
      }
    }
  }

  /** Those that were declared while the others were on their way. */
  #writeLateSubscriptions(session: Session, written: readonly number[]): void {
    const late = this.subscriptions.unconfirmed().filter((id) => !written.includes(id));
    for (const id of late) session.writeLine(this.subscriptions.line(id));
    if (late.length > 0) this.#confirmSubscriptions(session, late);
  }

  #confirmSubscriptions(session: Session, ids: readonly number[]): void {
    // Without an answer they are written again to the next session.
    session.confirm().then(() => this.subscriptions.confirm(ids), () => {});
  }

  #lost(session: Session | undefined, error: MessagingError): void {
    // One that is lost before it was taken into use is the attempt's failure.
    if (session === undefined || this.#session !== session) return;
    this.#session = undefined;
    this.#publications.rejectSent(error);
    this.inbox.pending.rejectSent("the connection was lost before it came");
    this.subscriptions.reset();
    this.#options.logger.warn("The connection to the broker was lost", { error });
    this.#options.board.set("reconnecting", error);
    void this.#reconnect();
  }

  async #reconnect(): Promise<void> {
    const { clock, logger, board } = this.#options;
    const { signal } = this.#ending;
    const dice = new Uint8Array(1);
    for (let attempt = 0; !signal.aborted; attempt++) {
      clock.randomBytes(dice);
      const delayMs = reconnectDelayMs(attempt, dice[0]! / 255);
      if (delayMs > 0) await pause(clock, delayMs, signal);
      try {
        await this.#connect();
        logger.info("The connection to the broker is back", { attempts: attempt + 1 });
        board.set("connected");
        return;
      } catch (error) {
        if (!signal.aborted) logger.debug("An attempt to reconnect failed", { attempt, error });
      }
    }
  }
}

type SubscriptionCallback = Parameters<Subscriptions["add"]>[1]["onMessage"];
