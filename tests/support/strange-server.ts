import { createServer, type Socket } from "node:net";
import { once } from "node:events";

/** A TCP server that is no NATS server. */
export interface StrangeServer extends AsyncDisposable {
  readonly port: number;
  /** How many connections it took so far. */
  readonly taken: number;
  /** How many of them are open. */
  readonly open: number;
}

/** Listens on 127.0.0.1 and does with each connection what the test says; by default it accepts and says nothing. */
export async function startStrangeServer(onConnection: (socket: Socket) => void = () => {}): Promise<StrangeServer> {
  const sockets = new Set<Socket>();
  let taken = 0;
  const server = createServer((socket) => {
    taken += 1;
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    socket.resume();
    onConnection(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as { port: number }).port,
    get taken() {
      return taken;
    },
    get open() {
      return sockets.size;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
