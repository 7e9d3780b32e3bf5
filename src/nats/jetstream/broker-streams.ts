import type { Logger } from "../../logging/logger.ts";
import type { Clock } from "../../transport/clock.ts";
import type { TransportConnection } from "../../transport/transport.ts";

/** What a connection to NATS gives to those who use the broker's streams over it. */
export interface BrokerStreams {
  /** Where everything goes that a transport can do. */
  readonly connection: TransportConnection;
  /** Time and randomness. */
  readonly clock: Clock;
  /** Hears what is lost or refused. */
  readonly logger: Logger;
  /** The broker's version, or the last one known. */
  readonly brokerVersion: string;
  /** Whether the server that this is connected to has streams itself; another one of its cluster may. */
  readonly hasStreams: boolean;
  /** The start of reply subjects that this connection may listen to. */
  readonly inboxPrefix: string;
  /**
   * Asks for messages that arrive under the reply subject; `false`, and nothing was sent, while the connection is away.
   *
   * @throws {MessagingError} `DISCONNECTED` where it is closed, `BUSY` where the broker does not keep up
   */
  ask(subject: string, replySubject: string, body: Uint8Array): boolean;
}
