import { Buffer } from "node:buffer";
import { connect, createServer, type Socket } from "node:net";
import { once } from "node:events";

/** Stands between a client and a server, and keeps every byte that clients send. */
export interface RecordingProxy extends AsyncDisposable {
  readonly port: number;
  /** How many connections came so far. */
  readonly connections: number;
  /** What the connections sent so far, from the one with this number on. */
  sent(from?: number): readonly string[];
}

/** Listens on 127.0.0.1 and passes bytes on to this port and back. */
export async function startRecordingProxy(targetPort: number): Promise<RecordingProxy> {
  const chunks: Buffer[][] = [];
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(targetPort, "127.0.0.1");
    const own: Buffer[] = [];
    chunks.push(own);
    near.on("data", (chunk: Buffer) => own.push(chunk));
    for (const [from, to] of [[near, far], [far, near]] as const) {
      sockets.add(from);
      from.on("error", () => {});
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as { port: number }).port,
    get connections() {
      return chunks.length;
    },
    sent: (from = 0) => chunks.slice(from).map((own) => Buffer.concat(own).toString("utf8")),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
