import { type Logger, silentLogger } from "../logging/logger.ts";
import { checkPositive } from "../transport/check-positive.ts";
import { type Clock, systemClock } from "../transport/clock.ts";
import { SharedResource } from "../transport/shared-resource.ts";
import { StatusBoard } from "../transport/status-board.ts";
import type {
  ConnectionStatus,
  OpenOptions,
  StatusListener,
  Transport,
  TransportConnection,
} from "../transport/transport.ts";
import { checkCertificatePair, type NatsAuthentication } from "./authentication.ts";
import { reachableServers } from "./choose-dial.ts";
import { NatsConnection } from "./nats-connection.ts";
import { NatsParticipant } from "./nats-participant.ts";
import { parseServerAddress } from "./server-address.ts";

/**
 * Options of `NatsTransport`.
 *
 * @example
 * ```ts
 * import type { NatsTransportOptions } from "@magicbutton/messaging";
 *
 * const options: NatsTransportOptions = {
 *   servers: ["tls://a.example.com:4222", "wss://a.example.com"],
 *   authentication: { user: "orders", password: () => Promise.resolve("from a secret store") },
 *   waitOnFirstConnect: true,
 * };
 * ```
 */
export interface NatsTransportOptions {
  /**
   * Where to connect: `nats://`, `tls://`, `ws://` and `wss://`, mixed as you like; the runtime uses those it can.
   * `tls://` and `wss://` mean encrypted or nothing. @default "nats://127.0.0.1:4222"
   */
  readonly servers?: string | readonly string[];
  /** Who connects; a function is asked before each dial. @default nobody */
  readonly authentication?: NatsAuthentication;
  /**
   * Lets a password, a token or a bearer JWT travel unencrypted to a host that is not this machine. Nkeys and other JWTs
   * sign and show no secret: they are never refused. @default false
   */
  readonly dangerouslyAllowPlaintext?: boolean;
  /** Shown in the broker's monitoring. @default none */
  readonly name?: string;
  /** The start of reply subjects, one of a user's own where the broker keeps users apart. @default "_INBOX" */
  readonly inboxPrefix?: string;
  /**
   * Whether the first connection is waited for like every later one, with growing pauses, until a signal or `disconnect`
   * ends it; else the first `connect` fails when no server can be reached. @default false
   */
  readonly waitOnFirstConnect?: boolean;
  /**
   * Keeps to the servers that are listed. Else the addresses that a cluster tells over TCP are used too; over TLS they must
   * show a certificate for the name of the listed server. @default false
   */
  readonly ignoreClusterUpdates?: boolean;
  /** How long one dial may take, handshake included, in milliseconds. @default 2500 */
  readonly connectTimeoutMs?: number;
  /** How often the broker is asked whether it lives, in milliseconds. @default 15000 */
  readonly pingIntervalMs?: number;
  /** How many such questions may stay open before the connection counts as lost. @default 2 */
  readonly maxPingsOut?: number;
  /** Hears what is lost or refused. @default silent */
  readonly logger?: Logger;
  /** Time and randomness. @default the runtime's */
  readonly clock?: Clock;
}

/**
 * Speaks to NATS: over TCP in Node, Bun and Deno, over WebSocket wherever the URL says so. Nothing is dialled before the
 * first client or server connects; it comes back by itself after an outage.
 *
 * @throws {TypeError} from its constructor, for options that cannot work
 *
 * @example
 * ```ts
 * import { NatsTransport } from "@magicbutton/messaging";
 *
 * const transport = new NatsTransport({
 *   servers: ["nats://127.0.0.1:4222"],
 *   authentication: { user: "dev-user", password: "dev-password" },
 * });
 * ```
 */
export class NatsTransport implements Transport {
  /** Always `"nats"`. */
  readonly kind = "nats" as const;
  readonly #board: StatusBoard;
  readonly #shared: SharedResource<NatsConnection>;

  /**
   * Checks the options; dials nothing.
   *
   * @throws {TypeError} for options that cannot work
   */
  constructor(options: NatsTransportOptions = {}) {
    const given = options.servers ?? "nats://127.0.0.1:4222";
    const servers = (typeof given === "string" ? [given] : [...given]).map(parseServerAddress);
    if (servers.length === 0) throw new TypeError("Cannot use `servers`: it is empty");
    checkPositive(options, ["connectTimeoutMs", "pingIntervalMs", "maxPingsOut"]);
    if (options.inboxPrefix !== undefined && !/^_INBOX[A-Za-z0-9_.=-]{0,200}$/.test(options.inboxPrefix)) {
      throw new TypeError('Cannot use `inboxPrefix`: subject tokens that start with "_INBOX" are wanted');
    }
    const { authentication } = options;
    if (typeof authentication === "object" && authentication.tls !== undefined) {
      checkCertificatePair(authentication.tls);
    }
    const logger = options.logger ?? silentLogger;
    const board = new StatusBoard((error) => logger.error("A status listener threw", { error }));
    this.#board = board;
    this.#shared = new SharedResource({
      open: async (signal) => {
        return await NatsConnection.open({
          servers: await reachableServers(servers),
          authentication,
          dangerouslyAllowPlaintext: options.dangerouslyAllowPlaintext === true,
          name: options.name,
          inboxPrefix: options.inboxPrefix,
          waitOnFirstConnect: options.waitOnFirstConnect === true,
          ignoreClusterUpdates: options.ignoreClusterUpdates === true,
          connectTimeoutMs: options.connectTimeoutMs ?? 2_500,
          pingIntervalMs: options.pingIntervalMs ?? 15_000,
          maxPingsOut: options.maxPingsOut ?? 2,
          clock: options.clock ?? systemClock,
          logger,
          board,
        }, signal);
      },
      close: (connection) => connection.close(),
    });
  }

  /** The state of the shared connection. */
  get status(): ConnectionStatus {
    return this.#board.status;
  }

  /** Why there is no connection, as the newest attempt tells; `undefined` where there is one. */
  get statusError(): Error | undefined {
    return this.#board.error;
  }

  /** Hears of changes; the function that comes back ends it. Never throws. */
  onStatus(listener: StatusListener): () => void {
    return this.#board.listen(listener);
  }

  /**
   * Joins the shared connection.
   *
   * @throws {MessagingError} `DISCONNECTED` where no server can be reached, `UNAUTHENTICATED`, `UNSUPPORTED`, `CANCELLED`
   */
  async open(options: OpenOptions = {}): Promise<TransportConnection> {
    const { resource, leave } = await this.#shared.join(options.signal);
    return new NatsParticipant(resource, leave);
  }
}
