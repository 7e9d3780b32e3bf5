import type { Clock } from "../transport/clock.ts";
import { isIpAddress, parseServerAddress, type ServerAddress } from "./server-address.ts";

/** The servers that may be connected to: those that the program lists, and those that a cluster tells of. */
export class ServerPool {
  readonly #listed: readonly ServerAddress[];
  readonly #clock: Clock;
  #learned: readonly ServerAddress[] = [];
  #next = 0;

  /** Starts with the first that is listed. */
  constructor(listed: readonly ServerAddress[], clock: Clock) {
    this.#listed = listed;
    this.#clock = clock;
  }

  /** How many there are. */
  get size(): number {
    return this.#listed.length + this.#learned.length;
  }

  /** The next in turn; another than this one, where there is another. */
  next(unwanted?: ServerAddress): ServerAddress {
    const servers = [...this.#listed, ...this.#learned];
    for (let tried = 0;; tried++) {
      const server = servers[this.#next % servers.length]!;
      this.#next = this.#next % servers.length + 1;
      if (unwanted === undefined || !isSame(server, unwanted) || tried === servers.length) return server;
    }
  }

  /**
   * Takes the addresses that the cluster of a connected server has now. They are TCP addresses, mostly without a name, so
   * over TLS they must show a certificate for the name of the server that told them; to a WebSocket they mean nothing.
   */
  learn(addresses: readonly string[], teller: ServerAddress): void {
    if (teller.kind !== "tcp") return;
    const scheme = teller.encrypted ? "tls" : "nats";
    const name = teller.tlsName ?? teller.hostname;
    const pinned = isIpAddress(name) ? {} : { tlsName: name };
    const learned = addresses.flatMap((address) => {
      const server = readAddress(`${scheme}://${address}`);
      return server === undefined || this.#listed.some((listed) => isSame(listed, server))
        ? []
        : [{ ...server, ...pinned }];
    });
    this.#learned = this.#shuffled(learned);
  }

  /** It could not be connected to: one that was only told of is dropped until it is told of again. */
  failed(server: ServerAddress): void {
    this.#learned = this.#learned.filter((learned) => !isSame(learned, server));
  }

  /** In an order of its own: clients that lose one server should not all go to the same next one. */
  #shuffled(servers: readonly ServerAddress[]): readonly ServerAddress[] {
    const dice = new Uint8Array(servers.length);
    this.#clock.randomBytes(dice);
    const order = servers.map((server, index) => ({ server, place: dice[index]! }));
    return order.sort((one, other) => one.place - other.place).map(({ server }) => server);
  }
}

function readAddress(url: string): ServerAddress | undefined {
  try {
    return parseServerAddress(url);
  } catch {
    return undefined;
  }
}

function isSame(one: ServerAddress, other: ServerAddress): boolean {
  return one.kind === other.kind && one.hostname === other.hostname && one.port === other.port;
}
