import type { MessagingError } from "../errors/messaging-error.ts";
import type { Logger } from "../logging/logger.ts";
import { pause } from "../transport/pause.ts";
import { randomFraction, reconnectDelayMs } from "../transport/reconnect-delay.ts";
import type { StatusBoard } from "../transport/status-board.ts";
import type { ResolvedAuthentication } from "./authentication.ts";
import type { BrokerInfo } from "./connect-fields.ts";
import { ConnectFailures } from "./connect-failures.ts";
import { closedError } from "./connection-errors.ts";
import { CredentialsRefresh } from "./credentials-refresh.ts";
import { RetiringSessions } from "./retiring-sessions.ts";
import type { ServerAddress } from "./server-address.ts";
import { SessionOpener, type SessionOpenerOptions } from "./session-opener.ts";
import { SubscribedSession } from "./subscribed-session.ts";
import type { Supervised } from "./supervised.ts";

/** Clients of a server that is about to go leave it within this time, not all at once, in milliseconds. */
const leaveWithinMs = 1_000;

/** What a supervisor is made of. */
export interface SessionSupervisorOptions extends SessionOpenerOptions {
  /** Whether the first session is waited for like every later one. */
  readonly waitOnFirstConnect: boolean;
  /** Hears of losses and failures. */
  readonly logger: Logger;
  /** Shows the status. */
  readonly board: StatusBoard;
}

/**
 * Keeps one session at work: opens the first, opens another when it is lost, and moves to another, made before the old
 * one is left, when the server is about to go or the credentials come to their end.
 */
export class SessionSupervisor {
  readonly #options: SessionSupervisorOptions;
  readonly #supervised: Supervised;
  readonly #opener: SessionOpener;
  readonly #refresh: CredentialsRefresh;
  readonly #ending = new AbortController();
  readonly #retiring: RetiringSessions;
  readonly #failures = new ConnectFailures();
  #current: SubscribedSession | undefined;
  #moving = false;

  /** Nothing is opened yet. */
  constructor(options: SessionSupervisorOptions, supervised: Supervised) {
    this.#options = options;
    this.#supervised = supervised;
    this.#opener = new SessionOpener(options);
    this.#retiring = new RetiringSessions(options.clock, this.#ending.signal);
    this.#refresh = new CredentialsRefresh({
      clock: options.clock,
      ask: () => this.#opener.credentials(this.#ending.signal),
      onFresh: (credentials) => void this.#move(credentials),
      onFailure: (error) => options.logger.warn("The credentials could not be refreshed", { error }),
    });
  }

  /** The session to use; `undefined` while there is none. */
  get current(): SubscribedSession | undefined {
    return this.#current;
  }

  /** Whether it was ended. */
  get ended(): boolean {
    return this.#ending.signal.aborted;
  }

  /**
   * Opens the first session: tries each server once, or until there is one where that is wanted.
   *
   * @throws {MessagingError} `DISCONNECTED`, `UNAUTHENTICATED`, `UNSUPPORTED`
   */
  async open(signal: AbortSignal): Promise<void> {
    const { board, waitOnFirstConnect } = this.#options;
    const onAbort = (): void => this.#ending.abort();
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    board.set("connecting");
    const { servers } = this.#opener;
    for (let attempt = 0; attempt < servers || waitOnFirstConnect; attempt++) {
      const server = this.#opener.next();
      try {
        if (attempt >= servers) await this.#delay(attempt - servers + 1);
        await this.#connect(server);
        signal.removeEventListener("abort", onAbort);
        board.set("connected");
        return;
      } catch (error) {
        const isNew = this.#failures.add(server, error as MessagingError);
        if (waitOnFirstConnect) this.#tellFailure(error as MessagingError, attempt, isNew);
        if (this.ended || this.#failures.cannotPass(servers)) break;
      }
    }
    const failure = this.ended ? closedError() : this.#failures.toError();
    board.set("closed", failure);
    throw failure;
  }

  /** Ends it for good, at once. */
  end(): void {
    this.#ending.abort();
    this.#refresh.stop();
    this.#retiring.end();
    this.#current?.session.close();
    this.#current = undefined;
  }

  async #connect(server: ServerAddress): Promise<void> {
    const next = await this.#openSession(server);
    const told = next.synchronize();
    await this.#answered(next);
    this.#use(next, told);
  }

  async #openSession(
    server: ServerAddress,
    authentication?: ResolvedAuthentication,
  ): Promise<SubscribedSession> {
    const { events, subscriptions } = this.#supervised;
    let subscribed: SubscribedSession | undefined = undefined;
    const session = await this.#opener.open({
      signal: this.#ending.signal,
      server,
      authentication,
      events: {
        onMessage: (message) => events.onMessage(message),
        onInfo: (info) => this.#told(subscribed, info),
        onRefusal: (error) => events.onRefusal(error, subscribed!),
        onLost: (error) => this.#lost(subscribed, error),
      },
    });
    subscribed = new SubscribedSession(session, subscriptions);
    return subscribed;
  }

  /** Waits until a session shows that it works: one that falls silent after its greeting is given up. */
  async #answered({ session }: SubscribedSession): Promise<void> {
    const { signal } = this.#ending;
    const onAbort = (): void => session.close();
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await session.confirmWithin(this.#options.connectTimeoutMs);
      if (signal.aborted || !session.isOpen) throw closedError();
    } catch (error) {
      session.close();
      throw error;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  #use(next: SubscribedSession, told: readonly number[]): void {
    const { session } = next;
    this.#current = next;
    this.#failures.clear();
    this.#supervised.events.onSession(session);
    next.confirmed(told);
    // What was declared or taken away while it was made ready.
    next.confirm(next.synchronize());
    if (this.#opener.hasOtherCredentials) this.#refresh.schedule(session.expiresAt);
    this.#told(next, session.info);
  }

  #told(subscribed: SubscribedSession | undefined, info: BrokerInfo): void {
    if (subscribed === undefined || subscribed !== this.#current) return;
    this.#opener.learn(info.connectUrls, subscribed.session.server);
    if (info.lameDuck) void this.#move();
  }

  #lost(lost: SubscribedSession | undefined, error: MessagingError): void {
    // One that is lost before it was taken into use is the attempt's failure.
    if (lost === undefined || this.#current !== lost) return;
    this.#current = undefined;
    this.#refresh.stop();
    const { subscriptions, events } = this.#supervised;
    const { logger, board } = this.#options;
    subscriptions.away(subscriptions.wanted(), "outage");
    events.onLost(error);
    logger.warn("The connection to the broker was lost", { error });
    board.set("reconnecting", error);
    void this.#reconnect();
  }

  async #reconnect(): Promise<void> {
    const { logger, board } = this.#options;
    for (let attempt = 0; !this.ended; attempt++) {
      await this.#delay(attempt);
      const server = this.#opener.next();
      try {
        await this.#connect(server);
        logger.info("The connection to the broker is back", { attempts: attempt + 1 });
        board.set("connected");
        return;
      } catch (error) {
        this.#failed(server, error as MessagingError, attempt);
      }
    }
  }

  /** Moves to a session with these credentials, or, without any, to another server. */
  async #move(credentials?: ResolvedAuthentication): Promise<void> {
    const old = this.#current;
    if (old === undefined || this.#moving) return;
    this.#moving = true;
    const isDone = (): boolean => this.ended || this.#current !== old;
    const unwanted = credentials === undefined ? old.session.server : undefined;
    if (unwanted !== undefined) await this.#pause(randomFraction(this.#options.clock) * leaveWithinMs);
    for (let attempt = 0; !isDone(); attempt++) {
      await this.#delay(attempt);
      if (isDone()) break;
      const server = this.#opener.next(unwanted);
      try {
        const next = await this.#openSession(server, credentials);
        if (await this.#moveTo(next, old)) {
          this.#options.logger.info("The connection has moved", { attempts: attempt + 1 });
        }
      } catch (error) {
        this.#failed(server, error as MessagingError, attempt);
      }
    }
    this.#moving = false;
    // It may have been told so while it was made ready.
    if (this.#current !== old && this.#current?.session.info.lameDuck === true) void this.#move();
  }

  /** Moves what is listened to from one session to another; `false` where the old one was lost meanwhile. */
  async #moveTo(next: SubscribedSession, old: SubscribedSession): Promise<boolean> {
    const { subscriptions, answersId, watchAnswers } = this.#supervised;
    const isNotAnswers = (id: number): boolean => id !== answersId;
    // The same answer twice does no harm, and of a group only one member gets a message.
    const mayOverlap = (id: number): boolean => id === answersId || subscriptions.isShared(id);
    const told = next.synchronize(mayOverlap);
    await this.#answered(next);
    // Before the next session has the others: their messages would come twice.
    old.takeBackAll(isNotAnswers);
    await old.session.confirmWithin(this.#options.connectTimeoutMs).catch(() => {});
    if (this.ended || this.#current !== old || !next.session.isOpen) {
      next.session.close();
      if (this.#current === old) old.confirm(old.synchronize());
      return false;
    }
    old.takeBackAll(isNotAnswers);
    subscriptions.away(subscriptions.wanted().filter((id) => !mayOverlap(id)), "moved");
    this.#use(next, told);
    void this.#retiring.add(old.session, watchAnswers());
    return true;
  }

  #failed(server: ServerAddress, error: MessagingError, attempt: number): void {
    this.#tellFailure(error, attempt, this.#failures.add(server, error));
  }

  #tellFailure(error: MessagingError, attempt: number, isNew: boolean): void {
    if (this.ended) return;
    const { logger, board } = this.#options;
    const text = "An attempt to connect failed";
    // The same failure for the hundredth time is no news.
    if (!isNew) return logger.debug(text, { attempt, error });
    logger.warn(text, { attempt, error });
    // Nobody waits for a connection that moves: there is one.
    if (board.status !== "connected") board.set(board.status, error);
  }

  #delay(attempt: number): Promise<void> {
    return this.#pause(reconnectDelayMs(attempt, this.#options.clock));
  }

  #pause(delayMs: number): Promise<void> {
    return delayMs > 0 ? pause(this.#options.clock, delayMs, this.#ending.signal) : Promise.resolve();
  }
}
