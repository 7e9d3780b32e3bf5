// What stands in front of NATS: `front` opens an HTTP server in whichever runtime this is, `open` asks it.
import { serve } from "@hono/node-server";
import { once } from "node:events";
import { createServer } from "node:http";
import { Pool } from "undici";

const host = { hostname: "127.0.0.1", port: 0 };

/** Serves a fetch handler: Bun by itself, Node by an adapter. */
export async function serveFetch(fetch) {
  if (globalThis.Bun !== undefined) {
    return { port: globalThis.Bun.serve({ ...host, fetch }).port };
  }
  return await new Promise((resolve) => serve({ ...host, fetch }, resolve));
}

/** Serves a handler of Node's own. */
export async function serveNode(listener) {
  const server = createServer(listener).listen(0, host.hostname);
  await once(server, "listening");
  return { port: server.address().port };
}

/** Asks as many at once as there are connections. */
export function openHttp({ frontPort, path, connections }) {
  const pool = new Pool(`http://${host.hostname}:${frontPort}`, {
    connections,
    pipelining: 1,
  });
  const headers = { "content-type": "application/json" };
  const request = async (order) => {
    const { statusCode, body } = await pool.request({
      path,
      method: "POST",
      headers,
      body: JSON.stringify(order),
    });
    if (statusCode !== 200) {
      throw new Error(`Answered ${statusCode}: ${await body.text()}`);
    }
    return await body.json();
  };
  return { request, close: () => pool.close() };
}
