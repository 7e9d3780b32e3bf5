import { getRequestListener } from "@hono/node-server";
import { once } from "node:events";
import { createServer } from "node:http";
import { NatsTransport } from "../../mod.ts";
import { createGateway, type Gateway } from "../../src/gateway/mod.ts";
import { deskContract } from "../transport-behaviour/desk.ts";
import { authenticateByRole, guardedContract } from "../transport-behaviour/guarded.ts";

/** Gateways in this process, for clients of every runtime. */
export interface RunningGateways extends AsyncDisposable {
  /** A gateway for each namespace is under it, made when it is first asked. */
  readonly url: string;
}

/** Starts a real HTTP server for gateways to one broker. */
export async function startGateways(natsUrl: string): Promise<RunningGateways> {
  const transport = new NatsTransport({ servers: natsUrl });
  const gateways = new Map<string, Gateway>();

  const gatewayOf = (namespace: string, origin: string | null): Gateway =>
    createGateway({
      contracts: [deskContract, guardedContract],
      transport,
      namespace,
      authenticate: authenticateByRole,
      forwardHeaders: ["X-Tenant"],
      // The page's server has another port with each run.
      cors: { origins: origin === null ? [] : [origin] },
      limits: { bodyBytes: 1_048_576 },
    });

  const listener = getRequestListener((request) => {
    const url = new URL(request.url);
    const [, namespace, path] = /^\/([^/]+)(\/.*)$/.exec(url.pathname) ?? [];
    if (namespace === undefined) return new Response("There is no gateway here", { status: 404 });
    const origin = request.headers.get("origin");
    const place = `${origin} ${namespace}`;
    let gateway = gateways.get(place);
    if (gateway === undefined) gateways.set(place, gateway = gatewayOf(namespace, origin));
    return gateway.fetch(new Request(url.origin + path + url.search, request));
  }, { overrideGlobalObjects: false });

  const server = createServer((request, response) => void listener(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await Promise.all([...gateways.values()].map((gateway) => gateway.stop({ graceMs: 0 })));
    },
  };
}
