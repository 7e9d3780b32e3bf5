// The gateway of the experiments: real sockets, under Node's HTTP server with the settings of examples/gateway.
import type { AddressInfo, Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import process from "node:process";
import { type HttpBindings, serve } from "@hono/node-server";
import { nodeServerOptions } from "../../../examples/gateway/node-server-options.ts";
import { NatsTransport } from "../../../mod.ts";
import { createGateway, type GatewayLimits } from "../../../src/gateway/mod.ts";
import { shop } from "../../security/shop.ts";
import { authenticateBy } from "./authenticate.ts";
import { type Commands, obey } from "./obey.ts";
import { ShiftedClock } from "./shifted-clock.ts";
import { trial } from "./trial-contract.ts";

/** What the gateway of an experiment is like. */
export interface GatewayChoice {
  readonly servers: string;
  readonly jwksUrl: string;
  readonly limits?: GatewayLimits;
  readonly serverOptions?: Partial<typeof nodeServerOptions>;
  readonly origins?: readonly string[];
  readonly forwardHeaders?: readonly string[];
}

/** What it can be told. */
export type GatewayProgram = typeof commands;

const choice = JSON.parse(process.argv[2]!) as GatewayChoice;
const clock = new ShiftedClock();
const gateway = createGateway({
  contracts: [trial, shop],
  transport: new NatsTransport({ servers: choice.servers }),
  authenticate: authenticateBy(choice.jwksUrl),
  authorize: ({ contract, data, actor }) => contract !== "trial" || isOwn(tenantIn(data), actor.claims?.["tenant"]),
  authorizeEvents: ({ contract, operation, params, actor }) => {
    if (contract !== "trial" || !["orderMoved", "dayClosed"].includes(operation)) return true;
    return params["tenant"] !== undefined && params["tenant"] === actor.claims?.["tenant"];
  },
  address: (_request, platform) => (platform as HttpBindings).incoming.socket.remoteAddress,
  cors: { origins: choice.origins ?? [] },
  clock,
  ...(choice.limits === undefined ? {} : { limits: choice.limits }),
  ...(choice.forwardHeaders === undefined ? {} : { forwardHeaders: choice.forwardHeaders }),
});
await gateway.start();
const connections = new Set<Socket>();

const commands = {
  /** Takes requests at this port; 0 is any. */
  listen: async (port: number): Promise<number> => {
    const address = await new Promise<AddressInfo>((resolve, reject) => {
      const server = serve({
        fetch: gateway.fetch,
        hostname: "127.0.0.1",
        port,
        serverOptions: { ...nodeServerOptions, ...choice.serverOptions },
      }, resolve);
      server.once("error", reject);
      server.on("connection", (socket: Socket) => {
        connections.add(socket);
        socket.once("close", () => connections.delete(socket));
      });
    });
    return address.port;
  },
  /** How many connections are open from addresses that begin like this. */
  connections: (address: string): number =>
    [...connections].filter(({ remoteAddress }) => remoteAddress?.startsWith(address)).length,
  /** What its process holds once all garbage is gone. */
  measure: async () => {
    for (let round = 0; round < 4; round++) {
      globalThis.gc!();
      await setImmediate();
    }
    const { heapUsed, rss } = process.memoryUsage();
    const resources = process.getActiveResourcesInfo();
    return {
      heapBytes: heapUsed,
      residentBytes: rss,
      timers: resources.filter((name) => name === "Timeout").length,
      sockets: resources.filter((name) => name === "TCPSocketWrap").length,
    };
  },
  shiftClock: ({ dateMs = 0, nowMs = 0 }: { readonly dateMs?: number; readonly nowMs?: number }): void => {
    clock.dateShiftMs = dateMs;
    clock.nowShiftMs = nowMs;
  },
} satisfies Commands;

/** The tenant that a request names; `undefined` where it names none. */
function tenantIn(data: unknown): unknown {
  return typeof data === "object" && data !== null && "tenant" in data ? data.tenant : undefined;
}

function isOwn(named: unknown, own: unknown): boolean {
  return named === undefined || named === own;
}

obey(commands);
