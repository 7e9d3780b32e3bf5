// bun run examples/gateway/bun.js
import { orderGateway } from "./gateway.ts";

const gateway = orderGateway(process.env.NATS_URL, (request, server) => server.requestIP(request)?.address);
await gateway.start();

const server = Bun.serve({
  fetch: gateway.fetch,
  hostname: "127.0.0.1",
  port: Number(process.env.PORT ?? 8080),
  // Longer than the silence between two heartbeats of an event stream: Bun's default of 10 s would end it.
  idleTimeout: 30,
});
console.log(`Listening on ${server.port}`);

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, async () => {
    await gateway.stop({ graceMs: 10_000 });
    await server.stop();
  });
}
