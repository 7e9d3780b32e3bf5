import { readFile } from "node:fs/promises";
import { MessagingError } from "../../errors/messaging-error.ts";
import type { ResolvedTls } from "../authentication.ts";
import type { Dial } from "../link.ts";
import { runtimeName } from "../runtime-name.ts";
import { createWebSocketDial, type WebSocketLike } from "./dial-websocket.ts";

/**
 * Dials with the runtime's own `WebSocket` where there is one, else with the `ws` package: Node before 22 has no global
 * WebSocket, and no global one takes certificates.
 */
export const dialWebSocket: Dial = createWebSocketDial(async (server, tls) => {
  const { WebSocket } = globalThis as { WebSocket?: new (url: string) => WebSocketLike };
  const wantsCertificates = tls !== undefined && Object.keys(tls).length > 0;
  if (WebSocket !== undefined && !wantsCertificates) return new WebSocket(server.url);
  const { WebSocket: PackageWebSocket } = await import("ws").catch((cause: unknown) => {
    const reason = wantsCertificates ? "takes no certificates for a WebSocket" : "has no WebSocket";
    throw new MessagingError("UNSUPPORTED", `${runtimeName()} ${reason}: install one with \`npm install ws\``, {
      cause,
    });
  });
  return new PackageWebSocket(server.url, await certificates(tls ?? {})) as unknown as WebSocketLike;
});

async function certificates(tls: ResolvedTls): Promise<Record<string, string | Uint8Array>> {
  const found: Record<string, string | Uint8Array> = {};
  for (const name of ["ca", "cert", "key"] as const) {
    const file = tls[`${name}File`];
    const value = file === undefined ? tls[name] : await readFile(file);
    if (value !== undefined) found[name] = value;
  }
  return found;
}
