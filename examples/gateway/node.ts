// node --import tsx examples/gateway/node.ts
import process from "node:process";
import { type HttpBindings, serve } from "@hono/node-server";
import { orderGateway } from "./gateway.ts";
import { nodeServerOptions } from "./node-server-options.ts";

const gateway = orderGateway(
  process.env["NATS_URL"],
  // What the connection says. Behind a proxy of your own it is the header that this proxy writes.
  (_request, platform) => (platform as HttpBindings).incoming.socket.remoteAddress,
);
await gateway.start();

const server = serve({
  fetch: gateway.fetch,
  hostname: "127.0.0.1",
  port: Number(process.env["PORT"] ?? 8080),
  serverOptions: nodeServerOptions,
}, ({ port }) => console.log(`Listening on ${port}`));

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, async () => {
    server.close();
    await gateway.stop({ graceMs: 10_000 });
    // Callers keep connections, and would be held here by them.
    if ("closeIdleConnections" in server) server.closeIdleConnections();
  });
}
