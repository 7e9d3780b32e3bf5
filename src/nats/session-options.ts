import type { MessagingError } from "../errors/messaging-error.ts";
import type { Clock } from "../transport/clock.ts";
import type { ResolvedAuthentication } from "./authentication.ts";
import type { BrokerError } from "./broker-error.ts";
import type { BrokerInfo } from "./connect-fields.ts";
import type { IncomingMessage } from "./incoming-message.ts";
import type { Dial } from "./link.ts";
import type { ServerAddress } from "./server-address.ts";

/** What a session tells. */
export interface SessionEvents {
  /** A message came in. Never throws. */
  onMessage(message: IncomingMessage): void;
  /** The broker says of itself what has changed. Never throws. */
  onInfo(info: BrokerInfo): void;
  /** The broker refused one thing, and goes on. Never throws. */
  onRefusal(error: BrokerError): void;
  /** The session is over, once, unless it was closed from here. Never throws. */
  onLost(error: MessagingError): void;
}

/** What a session is made of. */
export interface SessionOptions {
  /** Opens the byte stream. */
  readonly dial: Dial;
  /** Where to. */
  readonly server: ServerAddress;
  /** Who connects. */
  readonly authentication: ResolvedAuthentication;
  /** Whether a password may travel to another machine as it is. */
  readonly dangerouslyAllowPlaintext: boolean;
  /** Shown in the broker's monitoring. */
  readonly name: string | undefined;
  /** Time. */
  readonly clock: Clock;
  /** How long dial and handshake may take together, in milliseconds. */
  readonly timeoutMs: number;
  /** How often the broker is asked whether it lives, in milliseconds. */
  readonly pingIntervalMs: number;
  /** How many such questions may stay open. */
  readonly maxPingsOut: number;
  /** Ends the dial. */
  readonly signal: AbortSignal;
  /** Who listens. */
  readonly events: SessionEvents;
}
