// deno run --allow-net --allow-env examples/gateway/deno.js
import { orderGateway } from "./gateway.ts";

const gateway = orderGateway(Deno.env.get("NATS_URL"), (_request, info) => info.remoteAddr.hostname);
await gateway.start();

const server = Deno.serve({
  hostname: "127.0.0.1",
  port: Number(Deno.env.get("PORT") ?? 8080),
  onListen: ({ port }) => console.log(`Listening on ${port}`),
}, gateway.fetch);

for (const signal of ["SIGINT", "SIGTERM"]) {
  Deno.addSignalListener(signal, async () => {
    await gateway.stop({ graceMs: 10_000 });
    await server.shutdown();
  });
}
