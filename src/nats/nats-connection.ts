import type { MessagingError } from "../errors/messaging-error.ts";
import { defaultMaxPayloadBytes, payloadTooLarge } from "../transport/payload-limit.ts";
import { ReplyInbox } from "../transport/reply-inbox.ts";
import { BrokerRefusals } from "./broker-refusals.ts";
import type { BrokerInfo } from "./connect-fields.ts";
import { awayError, closedError, deafError, noAnswersError, unreadError } from "./connection-errors.ts";
import { OutageBuffer, type WaitingMessage } from "./outage-buffer.ts";
import { type Publication, Publications } from "./publications.ts";
import { Resubscribing } from "./resubscribing.ts";
import type { Session } from "./session.ts";
import { SessionSupervisor, type SessionSupervisorOptions } from "./session-supervisor.ts";
import { type SubscriptionOptions, Subscriptions } from "./subscriptions.ts";

/** Above this many bytes that the broker has not read, a message is refused instead of kept in memory. */
const maximumUnconfirmedBytes = 16 * 1024 * 1024;
/** How long the broker has to confirm that it sends no more for a subscription, in milliseconds. */
const drainMs = 1_000;
/** How long closing may wait for the broker to read what was sent, in milliseconds. */
const closingFlushMs = 1_000;

/** What a supervised connection is made of. */
export interface NatsConnectionOptions extends SessionSupervisorOptions {
  /** The start of reply subjects. */
  readonly inboxPrefix: string | undefined;
}

/** Hears of a message that was sent without waiting and that the broker refused. Never throws. */
export type RefusedSendListener = (subject: string, error: MessagingError) => void;

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
  readonly #supervisor: SessionSupervisor;
  readonly #resubscribing: Resubscribing;
  readonly #outage = new OutageBuffer();
  readonly #refusedSendListeners = new Set<RefusedSendListener>();
  #session: Session | undefined;
  /** The session, or the last one while there is none. */
  #newestSession: Session | undefined;
  #hearsAnswers = true;
  #closed = false;

  private constructor(options: NatsConnectionOptions) {
    this.#options = options;
    this.inbox = new ReplyInbox(options.clock, options.inboxPrefix);
    this.subscriptions = new Subscriptions(options.logger);
    this.#publications = new Publications(options.clock);
    const { inbox, subscriptions } = this;
    const refusals = new BrokerRefusals({
      inbox,
      subscriptions,
      publications: this.#publications,
      logger: options.logger,
      onRefusedSend: (subject, error) => {
        for (const listener of this.#refusedSendListeners) listener(subject, error);
      },
    });
    const answersId = subscriptions.add(inbox.subject, {
      onMessage: (message) => inbox.receive(message),
      onRefused: () => {
        this.#hearsAnswers = false;
        inbox.pending.refuseAll(noAnswersError);
      },
      onReady: () => {
        this.#hearsAnswers = true;
      },
    });
    this.#supervisor = new SessionSupervisor(options, {
      subscriptions,
      answersId,
      watchAnswers: () => inbox.pending.watch(),
      events: {
        onMessage: (message) => subscriptions.deliver(message),
        onRefusal: (error, session) => {
          refusals.handle(error, session);
          this.#resubscribing.schedule();
        },
        onSession: (session) => {
          this.#session = this.#newestSession = session;
          this.#sendWaiting();
        },
        onLost: (error) => {
          this.#session = undefined;
          this.#publications.rejectSent(error);
          inbox.pending.rejectSent("the connection was lost before it came");
        },
      },
    });
    this.#resubscribing = new Resubscribing(options.clock, subscriptions, this.#supervisor);
  }

  /**
   * Connects to the first server that takes it; each is tried once, unless the first connection is to be waited for.
   *
   * @throws {MessagingError} `DISCONNECTED`, `UNAUTHENTICATED`, `UNSUPPORTED`
   */
  static async open(options: NatsConnectionOptions, signal: AbortSignal): Promise<NatsConnection> {
    const connection = new NatsConnection(options);
    await connection.#supervisor.open(signal);
    return connection;
  }

  /** The broker's limit, or the last one known. */
  get maxPayloadBytes(): number {
    return this.#newestSession?.info.maxPayload ?? defaultMaxPayloadBytes;
  }

  /** What the broker said of itself, newest; `undefined` before it said anything. */
  get brokerInfo(): BrokerInfo | undefined {
    return this.#newestSession?.info;
  }

  /** Time, logger and the start of reply subjects that it was made with. */
  get options(): Pick<NatsConnectionOptions, "clock" | "logger" | "inboxPrefix"> {
    return this.#options;
  }

  /** Why nothing can be sent now; `undefined` where it can, or can wait. */
  sendRefusal(operation: string | undefined): MessagingError | undefined {
    const session = this.#session;
    return session === undefined || session.unconfirmedBytes <= maximumUnconfirmedBytes
      ? undefined
      : unreadError(session.unconfirmedBytes, operation);
  }

  /** Why this caller may not use the connection; `undefined` where it may. */
  refusal(operation: string | undefined): MessagingError | undefined {
    return this.#newestSession?.refusal(operation);
  }

  /** Why a request makes no sense; `undefined` where it does. It would run, and its answer not be heard. */
  requestRefusal(operation: string): MessagingError | undefined {
    return this.#hearsAnswers ? undefined : noAnswersError(operation);
  }

  /** Why no answer can come; `undefined` where answers can. */
  answersRefusal(): MessagingError | undefined {
    return this.#hearsAnswers ? undefined : deafError();
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
      if (this.#closed) throw closedError(operation);
      return false;
    }
    if (session.unconfirmedBytes > maximumUnconfirmedBytes) throw unreadError(session.unconfirmedBytes, operation);
    session.writeMessage(subject, replySubject, headerBlock, body);
    return true;
  }

  /** Keeps a message until the connection is back. @throws {MessagingError} `DISCONNECTED` where too much waits */
  keep(message: WaitingMessage): void {
    this.#outage.add(message);
  }

  /** Publishes, and resolves when the broker has it. */
  publish(
    message: Pick<WaitingMessage, "subject" | "headerBlock" | "body">,
    operation: string,
    timeoutMs: number,
  ): Promise<void> {
    const { subject, headerBlock, body } = message;
    const publication = this.#publications.begin(subject, operation, timeoutMs);
    try {
      if (this.write(subject, undefined, headerBlock, body, operation)) this.#confirm(publication);
      else this.#keepPublication(publication, message, operation);
    } catch (error) {
      publication.reject(error as MessagingError);
    }
    return publication.promise;
  }

  /** Hears of messages sent without waiting that the broker refuses; the function that comes back ends it. */
  onRefusedSend(listener: RefusedSendListener): () => void {
    const own: RefusedSendListener = (subject, error) => listener(subject, error);
    this.#refusedSendListeners.add(own);
    return () => void this.#refusedSendListeners.delete(own);
  }

  /** Listens; gives the subscription's number. */
  subscribe(subject: string, options: SubscriptionOptions): number {
    if (this.#closed) throw closedError();
    const id = this.subscriptions.add(subject, options);
    this.#supervisor.current?.add(id);
    return id;
  }

  /** Stops listening. */
  unsubscribe(id: number): void {
    this.subscriptions.remove(id);
    if (this.#usableSession !== undefined) this.#supervisor.current?.takeBack(id);
  }

  /** Tells the broker to send no more for it, and resolves when what was on the way has come; bounded. */
  async drain(id: number): Promise<void> {
    this.subscriptions.retire(id);
    if (this.#usableSession !== undefined) this.#supervisor.current?.takeBack(id);
    await this.flush(drainMs).catch(() => {});
  }

  /** Waits until the broker has read all that was sent. @throws {MessagingError} `DISCONNECTED` */
  flush(timeoutMs: number): Promise<void> {
    const session = this.#usableSession;
    // One who waited in vain is enough: shutting down asks several times.
    return session === undefined || session.isSilent ? Promise.reject(awayError()) : session.confirmWithin(timeoutMs);
  }

  /** Ends it for good; bounded, never rejects. */
  async close(): Promise<void> {
    if (this.#closed) return;
    if (this.#session !== undefined) await this.flush(closingFlushMs).catch(() => {});
    this.#closed = true;
    this.#session = undefined;
    this.#resubscribing.stop();
    this.#supervisor.end();
    this.inbox.pending.rejectAll("the connection was closed");
    this.#publications.rejectAll(closedError());
    this.subscriptions.end(closedError());
    this.#options.board.set("closed");
  }

  /** For calls that never throw: whoever may not use the connection may still leave it. */
  get #usableSession(): Session | undefined {
    return this.refusal(undefined) === undefined ? this.#session : undefined;
  }

  #confirm(publication: Publication): void {
    publication.sent = true;
    this.#session!.tellConfirmed(publication);
  }

  #keepPublication(
    publication: Publication,
    { subject, headerBlock, body }: Pick<WaitingMessage, "subject" | "headerBlock" | "body">,
    operation: string,
  ): void {
    this.keep({
      subject,
      replySubject: undefined,
      headerBlock,
      body,
      operation,
      wanted: () => !publication.settled,
      onSent: () => this.#confirm(publication),
      onRefused: (error) => publication.reject(error),
    });
  }

  #sendWaiting(): void {
    for (const message of this.#outage.take()) {
      const { subject, replySubject, headerBlock, body, operation } = message;
      const bytes = body.length + (headerBlock?.length ?? 0);
      try {
        // Another server may take less than the last.
        if (bytes > this.maxPayloadBytes) throw payloadTooLarge(bytes, this.maxPayloadBytes, operation);
        this.write(subject, replySubject, headerBlock, body, operation);
        message.onSent();
      } catch (error) {
        message.onRefused(error as MessagingError);
      }
    }
  }
}
