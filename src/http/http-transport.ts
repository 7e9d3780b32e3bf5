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
import type { HttpFetch } from "./call-gateway.ts";
import { parseGatewayAddress } from "./gateway-address.ts";
import { HttpConnection } from "./http-connection.ts";
import { HttpParticipant } from "./http-participant.ts";

/**
 * Options of `HttpTransport`.
 *
 * @example
 * ```ts
 * import type { HttpTransportOptions } from "@magicbutton/messaging";
 *
 * const options: HttpTransportOptions = { url: "https://api.example.com", connectTimeoutMs: 3_000 };
 * ```
 */
export interface HttpTransportOptions {
  /** Where the gateway is: `https://`, or `http://` for one on this machine; a path is kept. */
  readonly url: string;
  /** What calls it: one's own may add to a call, or answer it in this process. @default the runtime's `fetch` */
  readonly fetch?: HttpFetch;
  /** Lets a token travel unencrypted to a host that is not this machine. @default false */
  readonly dangerouslyAllowPlaintext?: boolean;
  /** How long the gateway may take to say that it is ready, or to open an event stream, in milliseconds. @default 10000 */
  readonly connectTimeoutMs?: number;
  /** How long an event stream may be silent before it counts as lost, in milliseconds: over two of the gateway's heartbeats. @default 35000 */
  readonly staleAfterMs?: number;
  /** The most bytes of an answer or an event that are read. @default 4194304 */
  readonly maxMessageBytes?: number;
  /** Hears what is lost or refused. @default silent */
  readonly logger?: Logger;
  /** Time and randomness. @default the runtime's */
  readonly clock?: Clock;
}

/**
 * Speaks to a gateway over HTTP: requests by `fetch`, events as streams of server-sent events, which come back by
 * themselves after an outage. Web standards alone, so it runs in every runtime. For clients: a gateway serves nothing
 * from outside. Queue groups, namespaces, encrypted bodies and signatures are refused as `UNSUPPORTED`.
 *
 * @throws {TypeError} from its constructor, for options that cannot work
 *
 * @example
 * ```ts
 * import { HttpTransport } from "@magicbutton/messaging";
 *
 * const transport = new HttpTransport({ url: "https://api.example.com" });
 * console.log(transport.status);
 * ```
 */
export class HttpTransport implements Transport {
  /** Always `"http"`. */
  readonly kind = "http" as const;
  readonly #board: StatusBoard;
  readonly #shared: SharedResource<HttpConnection>;

  /**
   * Checks the options; calls nothing.
   *
   * @throws {TypeError} for options that cannot work
   */
  constructor(options: HttpTransportOptions) {
    const address = parseGatewayAddress(options.url, options.dangerouslyAllowPlaintext === true);
    checkPositive(options, ["connectTimeoutMs", "staleAfterMs", "maxMessageBytes"]);
    const logger = options.logger ?? silentLogger;
    const board = new StatusBoard((error) => logger.error("A status listener threw", { error }));
    // Looked up for each call, and called without a receiver: browsers refuse any other than the window.
    const fetch: HttpFetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init));
    this.#board = board;
    this.#shared = new SharedResource({
      open: (signal) =>
        HttpConnection.open({
          caller: { address, fetch },
          connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
          staleAfterMs: options.staleAfterMs ?? 35_000,
          maximumMessageBytes: options.maxMessageBytes ?? 4_194_304,
          clock: options.clock ?? systemClock,
          logger,
          board,
        }, signal),
      close: (connection) => connection.close(),
    });
  }

  /** The state of the shared connection. */
  get status(): ConnectionStatus {
    return this.#board.status;
  }

  /** Hears of changes; the function that comes back ends it. Never throws. */
  onStatus(listener: StatusListener): () => void {
    return this.#board.listen(listener);
  }

  /**
   * Joins the shared connection.
   *
   * @throws {MessagingError} `DISCONNECTED` where no gateway is ready, `CANCELLED`
   */
  async open(options: OpenOptions = {}): Promise<TransportConnection> {
    const { resource, leave } = await this.#shared.join(options.signal);
    return new HttpParticipant(resource, leave);
  }
}
