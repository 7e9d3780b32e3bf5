// The gateway, at the network's edge: NATS_URL=nats://127.0.0.1:4222 ORIGIN=http://localhost:5173 node serve-gateway.js
import { serve } from "@hono/node-server";
import { NatsTransport } from "@magicbutton/messaging";
import { createGateway } from "@magicbutton/messaging/gateway";
import { orders } from "./contract.js";

const { NATS_URL, ORIGIN, PORT = "8787" } = process.env;
const gateway = createGateway({
  contracts: [orders],
  transport: new NatsTransport({ servers: NATS_URL }),
  cors: { origins: [ORIGIN] },
});
serve({ fetch: gateway.fetch, hostname: "127.0.0.1", port: Number(PORT) }, ({ port }) => {
  console.log(`The gateway is at http://127.0.0.1:${port}`);
});
