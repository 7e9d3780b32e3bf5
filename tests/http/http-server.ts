import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** A real HTTP server on 127.0.0.1 whose answers the test writes; `/readyz` is answered as a gateway does. */
export interface HttpServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** The path of every request but those to `/readyz`. */
  readonly paths: string[];
  /** Destroys every connection and listens no more, as a process does that is killed. */
  kill(): Promise<void>;
}

export type AnswerRequest = (request: IncomingMessage, response: ServerResponse) => void;

/** Starts one; on a port that was used before where it is given. */
export async function startHttpServer(answer: AnswerRequest, port = 0): Promise<HttpServer> {
  const sockets = new Set<Socket>();
  const paths: string[] = [];
  const server: Server = createServer((request, response) => {
    if (request.url?.endsWith("/readyz")) {
      response.setHeader("Content-Type", "application/json");
      return response.end('{"status":"ready","bodyBytes":1000000}');
    }
    paths.push(request.url ?? "");
    answer(request, response);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const listening = (server.address() as { port: number }).port;
  const kill = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    port: listening,
    url: `http://127.0.0.1:${listening}`,
    paths,
    kill,
    [Symbol.asyncDispose]: kill,
  };
}

/** Begins an event stream. */
export function beginEvents(response: ServerResponse): void {
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  response.write(": ready\n\n");
}

/** Answers a request with a JSON value. */
export function answerJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { "Content-Type": status === 200 ? "application/json" : "application/problem+json" });
  response.end(JSON.stringify(value));
}
