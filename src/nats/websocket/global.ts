import { MessagingError } from "../../errors/messaging-error.ts";
import type { Dial } from "../link.ts";
import { runtimeName } from "../runtime-name.ts";
import { createWebSocketDial, type WebSocketLike } from "./dial-websocket.ts";

/** Dials with the runtime's own `WebSocket`: browsers, workers, Deno, Bun. */
export const dialWebSocket: Dial = createWebSocketDial((server, tls) => {
  const { WebSocket } = globalThis as { WebSocket?: new (url: string) => WebSocketLike };
  if (WebSocket === undefined) {
    throw new MessagingError("UNSUPPORTED", `There is no WebSocket in ${runtimeName()}`);
  }
  if (tls !== undefined && Object.keys(tls).length > 0) {
    throw new MessagingError(
      "UNSUPPORTED",
      `A WebSocket in ${runtimeName()} takes no certificates: trust the authority in the runtime, or use a tls:// server where there is TCP`,
    );
  }
  return Promise.resolve(new WebSocket(server.url));
});
