import { createConnection, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions as TlsConnectionOptions, type TLSSocket } from "node:tls";
import { NodeTransport } from "@nats-io/transport-node/lib/node_transport.js";
import type { Dial } from "../link.ts";
import { openCoreTransport } from "./core-transport-link.ts";

/** This runtime has TCP sockets. */
export const canDialTcp = true;

/** Dials with @nats-io/transport-node: Node, Bun, and Deno from npm. */
export const dialTcp: Dial = (server, options, events) =>
  openCoreTransport(new SafeNodeTransport(), server, options, events);

/**
 * `NodeTransport` knows its socket only once that is connected, so a dial into a black hole could not be ended and kept
 * the process alive. And it takes its listeners off its sockets between two steps and at the end: an error in such a
 * moment, as Deno tells the broker's alert for a missing certificate, would end the process. Seen in
 * @nats-io/transport-node 3.4.0, `dial` and `startTLS`, with Deno 2.9.5.
 */
class SafeNodeTransport extends NodeTransport {
  readonly #sockets: Socket[] = [];
  #failure: Error | undefined;

  override async connect(...target: Parameters<NodeTransport["connect"]>): Promise<void> {
    await super.connect(...target);
    if (this.#failure !== undefined || this.socket.destroyed) {
      throw this.#failure ?? new Error("the socket was closed while it connected");
    }
  }

  override dial(target: { hostname: string; port: number }): Promise<Socket> {
    return this.#opened(createConnection(target.port, target.hostname), "connect");
  }

  override async startTLS(): Promise<TLSSocket> {
    return await this.#secured({ socket: this.socket });
  }

  override async tlsFirst(target: { hostname: string; port: number }): Promise<TLSSocket> {
    return await this.#secured({ host: target.hostname, port: target.port });
  }

  override discard(): void {
    super.discard();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #secured(to: TlsConnectionOptions): Promise<TLSSocket> {
    const { tls } = this.options;
    const certificates = typeof tls === "object" && tls !== null ? await this.loadClientCerts() : {};
    const options = { ...tls, servername: this.tlsName, rejectUnauthorized: true, ...certificates, ...to };
    return await this.#opened(connectTls(options as TlsConnectionOptions), "secureConnect");
  }

  #opened<S extends Socket>(socket: S, event: "connect" | "secureConnect"): Promise<S> {
    this.#sockets.push(socket);
    socket.setNoDelay(true);
    return new Promise((resolve, reject) => {
      const hear = (error: Error): void => {
        this.#failure ??= error;
      };
      const removeAllListeners = socket.removeAllListeners.bind(socket);
      socket.removeAllListeners = (...names) => {
        removeAllListeners(...names);
        return socket.on("error", hear);
      };
      socket.on("error", hear);
      socket.once(event, () => {
        socket.removeAllListeners();
        resolve(socket);
      });
      socket.once("close", () => {
        socket.removeAllListeners();
        reject(this.#failure ?? new Error("the socket was closed while it connected"));
      });
    });
  }
}
