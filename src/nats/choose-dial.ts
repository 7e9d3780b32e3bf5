import type { Dial } from "./link.ts";
import type { ServerAddress } from "./server-address.ts";

/** The dial for a server's kind; `#tcp` and `#websocket` are this runtime's files. */
export async function chooseDial(server: ServerAddress): Promise<Dial> {
  return server.kind === "tcp" ? (await import("#tcp")).dialTcp : (await import("#websocket")).dialWebSocket;
}

/** The servers this runtime can reach: all, or those with a WebSocket where there is no TCP. */
export async function reachableServers(servers: readonly ServerAddress[]): Promise<readonly ServerAddress[]> {
  const { canDialTcp } = await import("#tcp");
  const reachable = servers.filter((server) => canDialTcp || server.kind === "websocket");
  // With none left, the dial itself says what is missing.
  return reachable.length > 0 ? reachable : servers;
}
