import { createConnection, type Socket } from "node:net";
import { NodeTransport } from "@nats-io/transport-node/lib/node_transport.js";
import type { Dial } from "../link.ts";
import { openCoreTransport } from "./core-transport-link.ts";

/** This runtime has TCP sockets. */
export const canDialTcp = true;

/** Dials with @nats-io/transport-node: Node, Bun, and Deno from npm. */
export const dialTcp: Dial = (server, options, events) =>
  openCoreTransport(new AbortableNodeTransport(), server, options, events);

/**
 * `NodeTransport` knows its socket only once that is connected, so a dial into a black hole could not be ended and kept
 * the process alive. Seen in @nats-io/transport-node 3.4.0, `dial`.
 */
class AbortableNodeTransport extends NodeTransport {
  #dialling: Socket | undefined;

  override dial(target: { hostname: string; port: number }): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(target.port, target.hostname);
      this.#dialling = socket;
      socket.setNoDelay(true);
      let failure: Error | undefined;
      socket.once("connect", () => {
        socket.removeAllListeners();
        resolve(socket);
      });
      socket.once("error", (error) => {
        failure = error;
      });
      socket.once("close", () => {
        socket.removeAllListeners();
        reject(failure ?? new Error("the socket was closed while it connected"));
      });
    });
  }

  override discard(): void {
    super.discard();
    this.#dialling?.destroy();
  }
}
