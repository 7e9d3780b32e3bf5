// nats.js keeps one factory of transports for the whole process, and every dial of every connection reads it: code that
// calls `wsconnect` anywhere makes the TCP connections of nats.js dial with WebSockets.
import { type NatsConnection, wsconnect } from "@nats-io/nats-core";
import { connect } from "@nats-io/transport-node";
import WebSocket from "ws";
import type { NatsServer } from "./nats-server.ts";

/** A kind of connection, as the broker's monitoring calls it. */
export type ForeignKind = "nats" | "websocket";

/** A connection of nats.js itself: whichever call comes last decides how all of nats.js dials from then on. */
export function connectForeign(server: NatsServer, kind: ForeignKind, reconnect = false): Promise<NatsConnection> {
  const options = { name: "foreign", reconnect, timeout: 2_000, maxReconnectAttempts: -1, reconnectTimeWait: 100 };
  if (kind === "nats") return connect({ ...options, servers: server.url });
  const wsFactory = (url: string) => Promise.resolve({ socket: new WebSocket(url), encrypted: false });
  return wsconnect({ ...options, servers: server.websocketUrl, wsFactory } as Parameters<typeof wsconnect>[0]);
}

/** How the broker says the connections with these names are made. */
export async function connectionKinds(
  server: NatsServer,
  names: readonly string[],
): Promise<Record<string, string[]>> {
  const response = await fetch(`${server.monitoringUrl}/connz`);
  const { connections } = await response.json() as { connections: { name?: string; type: string }[] };
  return Object.fromEntries(names.map((name) => [
    name,
    connections.filter((connection) => connection.name === name).map(({ type }) => type),
  ]));
}
