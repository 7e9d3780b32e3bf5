import { resolveAuthentication } from "../../nats/authentication.ts";
import type { BrokerError } from "../../nats/broker-error.ts";
import { chooseDial } from "../../nats/choose-dial.ts";
import type { IncomingMessage } from "../../nats/incoming-message.ts";
import type { ServerAddress } from "../../nats/server-address.ts";
import { Session } from "../../nats/session.ts";
import { systemClock } from "../../transport/clock.ts";
import type { BrokerTarget } from "../connection.ts";

/** A connection to one server, with what the broker says in passing. */
export interface BrokerSession {
  /** The connection itself. */
  readonly session: Session;
  /** Hears what the broker refuses; never throws. */
  onRefusal: (error: BrokerError) => void;
  /** Hears what comes in; never throws. */
  onMessage: (message: IncomingMessage) => void;
}

/**
 * Signs in to one server.
 *
 * @throws {MessagingError} `DISCONNECTED`, `UNAUTHENTICATED`, `UNSUPPORTED`
 */
export async function openBrokerSession(
  server: ServerAddress,
  { authentication, timeoutMs }: BrokerTarget,
  options: { readonly signal: AbortSignal; readonly dangerouslyAllowPlaintext: boolean },
): Promise<BrokerSession> {
  const heard: Pick<BrokerSession, "onRefusal" | "onMessage"> = { onRefusal: () => {}, onMessage: () => {} };
  const session = await Session.open({
    dial: await chooseDial(server),
    server,
    authentication: await resolveAuthentication(authentication),
    dangerouslyAllowPlaintext: options.dangerouslyAllowPlaintext,
    name: "messaging doctor",
    clock: systemClock,
    timeoutMs,
    pingIntervalMs: 15_000,
    maxPingsOut: 2,
    signal: options.signal,
    events: {
      onMessage: (message) => heard.onMessage(message),
      onInfo: () => {},
      onRefusal: (error) => heard.onRefusal(error),
      onLost: () => {},
    },
  });
  return Object.assign(heard, { session });
}

/** The median time of some round trips, in milliseconds. @throws {MessagingError} `DISCONNECTED` */
export async function roundTripMs(session: Session, timeoutMs: number): Promise<number> {
  const times: number[] = [];
  for (let trip = 0; trip < 5; trip++) {
    const startedAt = performance.now();
    await session.confirmWithin(timeoutMs);
    times.push(performance.now() - startedAt);
  }
  return times.sort((one, other) => one - other)[2]!;
}
