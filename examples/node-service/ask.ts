// Asks for ten reports at once. Stop the service while they are built: all ten are answered. Run this: npx tsx ask.ts
import { createMessagingClient, NatsTransport } from "@magicbutton/messaging";
import { reports } from "./contract.ts";

const transport = new NatsTransport({ servers: process.env["NATS_URL"] ?? "nats://127.0.0.1:4222" });
const client = createMessagingClient({ contract: reports, transport });
await client.connect();
console.log("Asking");
const built = await Promise.all(Array.from({ length: 10 }, () => client.request("build", { month: "2026-11" })));
console.log("built", built.length);
await client.disconnect();
