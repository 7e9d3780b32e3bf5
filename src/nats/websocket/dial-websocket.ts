import { MessagingError } from "../../errors/messaging-error.ts";
import type { ResolvedTls } from "../authentication.ts";
import type { Dial, Link, LinkEvents } from "../link.ts";
import { runtimeName } from "../runtime-name.ts";
import type { ServerAddress } from "../server-address.ts";

/** As much of a WebSocket as is used; the browser's, the runtimes' and the `ws` package's all have it. */
export interface WebSocketLike {
  /** Binary messages come as this. */
  binaryType: string;
  /** Whether it is open; workerd throws here for a caller that may not use it. */
  readonly readyState: number;
  /** Sends a binary message. */
  send(bytes: Uint8Array<ArrayBuffer>): void;
  /** Starts the closing handshake. */
  close(): void;
  /** Ends the socket at once; only the `ws` package has it. */
  terminate?(): void;
  /** Hears of the socket's events. */
  addEventListener(type: "open" | "message" | "error" | "close", listener: (event: WebSocketEvent) => void): void;
}

/** As much of its events as is read. */
export interface WebSocketEvent {
  /** A message's bytes. */
  readonly data?: unknown;
  /** Why it failed, where the runtime says so. */
  readonly message?: unknown;
  /** Why it was closed. */
  readonly reason?: unknown;
  /** How it was closed. */
  readonly code?: unknown;
}

/** Opens a WebSocket; each runtime's file gives its own. */
export type OpenWebSocket = (server: ServerAddress, tls: ResolvedTls | undefined) => Promise<WebSocketLike>;

/**
 * Makes a dial out of a runtime's WebSocket. nats-core's own transport is not used: it waits for ever for a socket that
 * was never made, and sends a view's whole buffer (3.4.0, `ws_transport.ts`).
 */
export function createWebSocketDial(open: OpenWebSocket): Dial {
  return async (server, options, events) => {
    const socket = await open(server, options.tls);
    socket.binaryType = "arraybuffer";
    return await connected(socket, server, options.signal, events);
  };
}

function connected(
  socket: WebSocketLike,
  server: ServerAddress,
  signal: AbortSignal,
  events: LinkEvents,
): Promise<Link> {
  return new Promise((resolve, reject) => {
    let state: "connecting" | "open" | "closed" = "connecting";
    const end = (): void => {
      state = "closed";
      try {
        if (socket.terminate === undefined) socket.close();
        else socket.terminate();
      } catch {
        // A socket that never opened may refuse to be closed; it is closed then.
      }
    };
    const fail = (error: Error): void => {
      if (state === "closed") return;
      const opened = state === "open";
      end();
      if (opened) events.onClose(error);
      else reject(error);
    };
    socket.addEventListener("open", () => {
      if (state !== "connecting") return;
      state = "open";
      resolve({
        encrypted: server.encrypted,
        send: (bytes) => {
          // A send that fails is followed by "close", which is where the loss is handled.
          if (state === "open") socket.send(bytes as Uint8Array<ArrayBuffer>);
        },
        close: end,
        refusal: (operation) => refusalOfOthers(socket, operation),
      });
    });
    socket.addEventListener("message", ({ data }) => {
      if (state !== "open") return;
      if (data instanceof ArrayBuffer) events.onBytes(new Uint8Array(data));
      else fail(new Error("the server sent text over a WebSocket"));
    });
    socket.addEventListener("error", ({ message }) => {
      fail(new Error(typeof message === "string" && message !== "" ? message : "the WebSocket failed"));
    });
    socket.addEventListener("close", ({ code, reason }) => {
      const why = typeof reason === "string" && reason !== "" ? `: ${reason}` : "";
      fail(new Error(`the WebSocket was closed (${String(code)}${why})`));
    });
    const onAbort = (): void => {
      if (state !== "connecting") return;
      end();
      reject(signal.reason);
    };
    // It may have come while the socket was made, and is not told again.
    if (signal.aborted) return onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
  });
}

/**
 * A worker's socket belongs to the request that opened it. workerd throws for every other request at each use, and so
 * at this one, which does nothing; everywhere else it is a number (workerd 2026-10-23, "Cannot perform I/O on behalf of
 * a different request").
 */
function refusalOfOthers(socket: WebSocketLike, operation: string | undefined): MessagingError | undefined {
  try {
    void socket.readyState;
    return undefined;
  } catch (cause) {
    return new MessagingError(
      "UNSUPPORTED",
      `The connection was opened by another request, and ${runtimeName()} lets no other use it: connect in each request ` +
        "(`await using`), or keep the client in a Durable Object",
      { operation, cause },
    );
  }
}
