import { getRequestListener } from "@hono/node-server";
import { once } from "node:events";
import { createServer } from "node:http";
import type { Gateway } from "../../src/gateway/mod.ts";
import type { ExposeGateway } from "./gateway-in-process.ts";

/** Starts one real HTTP server for many gateways, each under a path of its own; it keeps no process alive. */
export async function exposeOverNode(): Promise<ExposeGateway> {
  const gateways = new Map<string, Gateway["fetch"]>();
  const listener = getRequestListener((request) => {
    const url = new URL(request.url);
    const [, mount, path] = /^\/([^/]+)(\/.*)$/.exec(url.pathname) ?? [];
    const fetch = gateways.get(mount ?? "");
    if (fetch === undefined) return new Response("There is no gateway here", { status: 404 });
    return fetch(new Request(url.origin + path + url.search, request));
  }, { overrideGlobalObjects: false });
  const server = createServer((request, response) => void listener(request, response));
  server.on("connection", (socket) => socket.unref());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  server.unref();
  const { port } = server.address() as { port: number };
  return (fetch) => {
    const mount = `gateway${gateways.size + 1}`;
    gateways.set(mount, fetch);
    return { url: `http://127.0.0.1:${port}/${mount}` };
  };
}
