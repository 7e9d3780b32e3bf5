import { isMessagingError, MessagingError } from "../errors/messaging-error.ts";
import type { Clock } from "../transport/clock.ts";
import {
  canBeAskedAgain,
  type NatsAuthentication,
  resolveAuthentication,
  type ResolvedAuthentication,
} from "./authentication.ts";
import { chooseDial } from "./choose-dial.ts";
import { closedError } from "./connection-errors.ts";
import { ServerPool } from "./server-pool.ts";
import type { ServerAddress } from "./server-address.ts";
import { Session } from "./session.ts";
import type { SessionEvents } from "./session-options.ts";

/** What a session opener is made of. */
export interface SessionOpenerOptions {
  /** Where it may connect to. */
  readonly servers: readonly ServerAddress[];
  /** Whether only these are connected to, whatever a cluster tells of its members. */
  readonly ignoreClusterUpdates: boolean;
  /** Who connects. */
  readonly authentication: NatsAuthentication | undefined;
  /** Whether a password may travel to another machine as it is. */
  readonly dangerouslyAllowPlaintext: boolean;
  /** Shown in the broker's monitoring. */
  readonly name: string | undefined;
  /** How long one dial may take, in milliseconds; asking for credentials may take as long. */
  readonly connectTimeoutMs: number;
  /** How often the broker is asked whether it lives, in milliseconds. */
  readonly pingIntervalMs: number;
  /** How many such questions may stay open. */
  readonly maxPingsOut: number;
  /** Time. */
  readonly clock: Clock;
}

/** What one session is to be like. */
export interface OpenSessionOptions {
  /** Who listens. */
  readonly events: SessionEvents;
  /** Ends the wait. */
  readonly signal: AbortSignal;
  /** Where to. */
  readonly server: ServerAddress;
  /** Who connects. @default whoever the program names now */
  readonly authentication?: ResolvedAuthentication | undefined;
}

/** Opens sessions, one server after the other, with fresh credentials each time. */
export class SessionOpener {
  readonly #options: SessionOpenerOptions;
  readonly #pool: ServerPool;

  /** Starts with the first server. */
  constructor(options: SessionOpenerOptions) {
    this.#options = options;
    this.#pool = new ServerPool(options.servers, options.clock);
  }

  /** How many servers there are. */
  get servers(): number {
    return this.#pool.size;
  }

  /** The next server in turn; another than this one, where there is another. */
  next(unwanted?: ServerAddress): ServerAddress {
    return this.#pool.next(unwanted);
  }

  /** Whether asking again may give other credentials. */
  get hasOtherCredentials(): boolean {
    return canBeAskedAgain(this.#options.authentication);
  }

  /** The credentials that the program gives now. @throws {MessagingError} `UNAUTHENTICATED`; `DISCONNECTED` by the signal */
  credentials(signal: AbortSignal): Promise<ResolvedAuthentication> {
    const { authentication, clock, connectTimeoutMs } = this.#options;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(closedError());
      if (signal.aborted) return onAbort();
      signal.addEventListener("abort", onAbort, { once: true });
      const timer = clock.after(connectTimeoutMs, () => {
        reject(new MessagingError("UNAUTHENTICATED", `The credentials were not there within ${connectTimeoutMs} ms`));
      });
      resolveAuthentication(authentication).then(resolve, reject).finally(() => {
        timer.cancel();
        signal.removeEventListener("abort", onAbort);
      });
    });
  }

  /** Takes what a server tells of its cluster. */
  learn(addresses: readonly string[], teller: ServerAddress): void {
    if (!this.#options.ignoreClusterUpdates && addresses.length > 0) this.#pool.learn(addresses, teller);
  }

  /**
   * Opens a session to a server.
   *
   * @throws {MessagingError} `DISCONNECTED`, `UNAUTHENTICATED`, `UNSUPPORTED`
   */
  async open({ events, signal, server, authentication }: OpenSessionOptions): Promise<Session> {
    const { dangerouslyAllowPlaintext, name, connectTimeoutMs, pingIntervalMs, maxPingsOut, clock } = this.#options;
    try {
      return await Session.open({
        dial: await chooseDial(server),
        server,
        authentication: authentication ?? await this.credentials(signal),
        dangerouslyAllowPlaintext,
        name,
        clock,
        timeoutMs: connectTimeoutMs,
        pingIntervalMs,
        maxPingsOut,
        signal,
        events,
      });
    } catch (error) {
      // Refused credentials are not the server's fault.
      if (isMessagingError(error, "DISCONNECTED")) this.#pool.failed(server);
      throw error;
    }
  }
}
