// Asks it, and waits for one tick. Run this: bun run ask.ts
import { createMessagingClient, NatsTransport } from "@magicbutton/messaging";
import { clock } from "./contract.ts";

const transport = new NatsTransport({ servers: process.env["NATS_URL"] ?? "nats://127.0.0.1:4222" });
const client = createMessagingClient({ contract: clock, transport });
await client.connect();
console.log("time", (await client.request("now", { zone: "Europe/Berlin" })).time);
for await (const { data } of client.events("ticked")) {
  console.log("tick", new Date(data.at).toISOString());
  break;
}
await client.disconnect();
