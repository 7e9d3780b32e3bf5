// A service in Deno. Run this: deno run --allow-net --allow-env service.ts
import { createMessagingServer, NatsTransport } from "@magicbutton/messaging";
import { clock } from "./contract.ts";

const transport = new NatsTransport({ servers: Deno.env.get("NATS_URL") ?? "nats://127.0.0.1:4222" });
const server = createMessagingServer({ contract: clock, transport });
server.registerHandler("now", ({ zone }) => ({ time: new Date().toLocaleTimeString("en-GB", { timeZone: zone }) }));
await server.start();
console.log("The clock is there");

const ticking = setInterval(() => void server.broadcast("ticked", { at: Date.now() }).catch(console.error), 1_000);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, async () => {
    clearInterval(ticking);
    await server.stop();
    Deno.exit();
  });
}
