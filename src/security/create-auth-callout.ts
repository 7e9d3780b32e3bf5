import type { Actor } from "../contract/actor.ts";
import { type Logger, silentLogger } from "../logging/logger.ts";
import { decodeHeaderBlock } from "../message/header-block.ts";
import { type Clock, systemClock } from "../transport/clock.ts";
import type { TransportConnection, TransportMessage, TransportSubscription } from "../transport/transport.ts";
import { actorJwt } from "./actor-jwt.ts";
import { type AuthCalloutKeys, readAuthCalloutKeys } from "./auth-callout-keys.ts";
import type { AuthCalloutOptions } from "./auth-callout-options.ts";
import { authCalloutQueueGroup, authCalloutSubject } from "./auth-callout-permissions.ts";
import { type AuthCalloutRequest, readAuthCalloutRequest } from "./auth-callout-request.ts";
import { checkIssuerAccount, checkSigningKeySeed } from "./sign-user-jwt.ts";

/** A service that tells NATS servers who may connect, and what for. */
export interface AuthCallout extends AsyncDisposable {
  /**
   * Connects and listens; resolves when servers are answered.
   *
   * @throws {MessagingError} `DISCONNECTED`, `UNAUTHENTICATED`, `FORBIDDEN`, `UNSUPPORTED`, `CANCELLED`
   * @throws {TypeError} for seeds that are not well-formed
   */
  start(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Answers what it took and leaves. Bounded, idempotent; never rejects. */
  stop(): Promise<void>;
}

/** Where servers wait for answers; through a gateway or an import the subject is another one of theirs. */
const serverReply = /^(?:\$SYS\._INBOX|_R_|_GR_)\.[A-Za-z0-9_.-]+$/;
const xkeyHeader = "Nats-Server-Xkey";
/** All that a server is told of a refusal; it logs that, and tells its client less. */
const refusal = "the credentials are refused";

/**
 * Makes the service behind a NATS server's auth callout: a browser or a device connects to NATS with the application's
 * own token and gets exactly the permissions that the contracts give its roles, with an inbox that only it can read. A
 * role that is taken away is gone with the next connection, at the latest after `sessionMs`.
 *
 * @throws {TypeError} for options that cannot work
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createAccount } from "@nats-io/nkeys";
 * import { createContract, MemoryTransport } from "@magicbutton/messaging";
 * import { createAuthCallout } from "@magicbutton/messaging/security";
 *
 * const orders = createContract({
 *   name: "orders",
 *   version: "1.0.0",
 *   roles: { clerk: {} },
 *   requests: { find: { request: v.object({ id: v.string() }), response: v.object({}), access: ["clerk"] } },
 * });
 * const callout = createAuthCallout({
 *   contracts: [orders],
 *   transport: new MemoryTransport(), // a NatsTransport, in earnest
 *   authenticate: ({ token }) => (token === "ann's token" ? { id: "ann", roles: ["clerk"] } : undefined),
 *   signingKeySeed: new TextDecoder().decode(createAccount().getSeed()), // yours lies in a secret store
 * });
 * await callout.start();
 * await callout.stop();
 * ```
 *
 * @see NATS ADR-26, https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-26.md
 */
export function createAuthCallout(options: AuthCalloutOptions): AuthCallout {
  return new Callout(options);
}

interface Running {
  readonly connection: TransportConnection;
  readonly subscription: TransportSubscription;
}

class Callout implements AuthCallout {
  readonly #options: AuthCalloutOptions;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #deciding = new Set<Promise<void>>();
  #starting: Promise<Running> | undefined;

  constructor(options: AuthCalloutOptions) {
    checkSigningKeySeed(options.signingKeySeed);
    checkIssuerAccount(options.issuerAccount);
    if (options.xkeySeed !== undefined && !/^SX[A-Z2-7]{56}$/.test(options.xkeySeed)) {
      throw new TypeError("Cannot use `xkeySeed`: the seed of a curve key, 58 characters from SX on, is wanted");
    }
    if (options.contracts.length === 0) throw new TypeError("Cannot use `contracts`: it is empty");
    for (const name of ["sessionMs", "concurrency", "timeoutMs"] as const) {
      const value = options[name];
      if (value !== undefined && !(Number.isFinite(value) && value > 0)) {
        throw new TypeError(`Cannot use \`${name}\`: a number over 0 is wanted, current value is ${String(value)}`);
      }
    }
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
    this.#clock = options.clock ?? systemClock;
  }

  async start({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#starting ??= this.#start(signal).catch((error: unknown) => {
      this.#starting = undefined;
      throw error;
    });
    await this.#starting;
  }

  async stop(): Promise<void> {
    const running = await this.#starting?.catch(() => undefined);
    this.#starting = undefined;
    if (running === undefined) return;
    await running.subscription.drain();
    // Each is bounded by `timeoutMs`.
    await Promise.all(this.#deciding);
    await running.connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #start(signal: AbortSignal | undefined): Promise<Running> {
    const { transport, signingKeySeed, issuerAccount, xkeySeed } = this.#options;
    const keys = await readAuthCalloutKeys({ signingKeySeed, issuerAccount }, xkeySeed);
    const connection = await transport.open(signal === undefined ? {} : { signal });
    try {
      const subscription = connection.subscribe(authCalloutSubject, {
        queueGroup: authCalloutQueueGroup,
        onMessage: (message) => this.#receive(message, connection, keys),
      });
      await subscription.ready;
      return { connection, subscription };
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  #receive(
    { replySubject, headerBlock, body }: TransportMessage,
    connection: TransportConnection,
    keys: AuthCalloutKeys,
  ): void {
    // Whoever may publish here could else make this service publish in its place.
    if (replySubject === undefined || !serverReply.test(replySubject)) {
      return this.#logger.warn("A question was dropped that no server waits for");
    }
    if (this.#deciding.size >= (this.#options.concurrency ?? 256)) {
      return this.#logger.warn("A connection was not decided about: too many at once");
    }
    // The body is a view that is good until this returns.
    const question = { headerBlock: headerBlock?.slice(), body: body.slice() };
    const deciding = this.#decide(question, keys).then((answer) => {
      if (answer !== undefined) connection.send(replySubject, answer);
    }).catch((error: unknown) => {
      this.#logger.error("A connection could not be decided about", { error });
    }).finally(() => this.#deciding.delete(deciding));
    this.#deciding.add(deciding);
  }

  async #decide(
    { headerBlock, body }: { headerBlock: Uint8Array | undefined; body: Uint8Array },
    keys: AuthCalloutKeys,
  ): Promise<Uint8Array | undefined> {
    let request: AuthCalloutRequest;
    try {
      const serverXkey = headerBlock === undefined ? undefined : decodeHeaderBlock(headerBlock).headers.get(xkeyHeader);
      const text = keys.open(body, serverXkey);
      request = await readAuthCalloutRequest(text, { issuer: keys.issuer, now: this.#clock.date() });
      if (request.serverXkey !== serverXkey) throw new TypeError("its curve key is not the server's");
    } catch (error) {
      this.#logger.warn("A question was dropped", { reason: (error as Error).message });
      return undefined;
    }
    const { client } = request;
    try {
      const actor = await this.#verify(request);
      if (actor === undefined) {
        this.#logger.warn("A connection was refused", { ...client, reason: "its credentials are not good" });
        return await keys.answer(request, { error: refusal });
      }
      const jwt = await actorJwt(actor, request.userKey, this.#options);
      if (jwt === undefined) {
        this.#logger.warn("A connection was refused", { ...client, id: actor.id, reason: "it may use nothing" });
        return await keys.answer(request, { error: refusal });
      }
      this.#logger.debug("A connection was allowed", { ...client, id: actor.id, roles: actor.roles });
      return await keys.answer(request, { jwt });
    } catch (error) {
      this.#logger.error("A connection was refused, because deciding about it failed", { ...client, error });
      return await keys.answer(request, { error: refusal });
    }
  }

  /** The answer of `authenticate`, in time. */
  #verify({ token, userKey }: AuthCalloutRequest): Promise<Actor | undefined> {
    const { authenticate, timeoutMs = 1_500 } = this.#options;
    return new Promise((resolve, reject) => {
      const timer = this.#clock.after(timeoutMs, () => reject(new Error(`no answer within ${timeoutMs} ms`)));
      const explain = (reason: string): void =>
        this.#logger.debug("A connection's credentials were looked at", { reason });
      const call = {
        operation: "connect",
        subject: authCalloutSubject,
        requestId: userKey,
        body: new Uint8Array(0),
        explain,
      };
      Promise.resolve().then(() => authenticate(token === undefined ? {} : { token }, call)).then(resolve, reject)
        .finally(() => timer.cancel());
    });
  }
}
