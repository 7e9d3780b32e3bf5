import { MessagingError } from "../errors/messaging-error.ts";
import type { Clock } from "../transport/clock.ts";
import { type NatsAuthentication, resolveAuthentication } from "./authentication.ts";
import { chooseDial } from "./choose-dial.ts";
import type { ServerAddress } from "./server-address.ts";
import { Session, type SessionEvents } from "./session.ts";

/** What a session opener is made of. */
export interface SessionOpenerOptions {
  /** Where it may connect to. */
  readonly servers: readonly ServerAddress[];
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

/** Opens sessions, one server after the other, with fresh credentials each time. */
export class SessionOpener {
  readonly #options: SessionOpenerOptions;
  #next = 0;

  /** Starts with the first server. */
  constructor(options: SessionOpenerOptions) {
    this.#options = options;
  }

  /**
   * Opens a session to the next server.
   *
   * @throws {MessagingError} `DISCONNECTED`, `UNAUTHENTICATED`, `UNSUPPORTED`
   */
  async open(events: SessionEvents, signal: AbortSignal): Promise<Session> {
    const {
      servers,
      authentication,
      dangerouslyAllowPlaintext,
      name,
      connectTimeoutMs,
      pingIntervalMs,
      maxPingsOut,
      clock,
    } = this.#options;
    const server = servers[this.#next++ % servers.length]!;
    return await Session.open({
      dial: await chooseDial(server),
      server,
      authentication: await withinMs(clock, connectTimeoutMs, resolveAuthentication(authentication)),
      dangerouslyAllowPlaintext,
      name,
      clock,
      timeoutMs: connectTimeoutMs,
      pingIntervalMs,
      maxPingsOut,
      signal,
      events,
    });
  }
}

function withinMs<Value>(clock: Clock, timeoutMs: number, promise: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(timeoutMs, () => {
      reject(new MessagingError("UNAUTHENTICATED", `The credentials were not there within ${timeoutMs} ms`));
    });
    promise.then(resolve, reject).finally(() => timer.cancel());
  });
}
