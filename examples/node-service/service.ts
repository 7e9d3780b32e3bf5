// A service in Node.js that ends in good order: asked to stop, it takes no more, answers what it has taken, and leaves.
// Run this: npx tsx service.ts
import { setTimeout } from "node:timers/promises";
import { createConsoleLogger, createMessagingServer, NatsTransport } from "@magicbutton/messaging";
import { reports } from "./contract.ts";

const server = createMessagingServer({
  contract: reports,
  transport: new NatsTransport({ servers: process.env["NATS_URL"] ?? "nats://127.0.0.1:4222" }),
  logger: createConsoleLogger(),
});
server.registerHandler("build", async ({ month }, { signal }) => {
  console.log("Building", month);
  // Work that takes a moment; a caller who no longer waits ends it.
  await setTimeout(500, undefined, { signal });
  return { pages: month.length };
});
await server.start();
console.log("The reports are there");

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, async () => {
    // What runs has ten seconds. Then the process ends by itself: nothing holds it open.
    await server.stop({ graceMs: 10_000 });
    console.log("Stopped in good order");
  });
}
