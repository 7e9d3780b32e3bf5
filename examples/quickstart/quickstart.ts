// A contract, a server and a client in one file, with no broker to install. Run this: npx tsx quickstart.ts
import {
  createContract,
  createMessagingClient,
  createMessagingServer,
  MemoryTransport,
  safe,
} from "@magicbutton/messaging";
import * as v from "valibot";

const orders = createContract({
  name: "orders",
  version: "1.0.0",
  errors: { OUT_OF_STOCK: { status: 409, message: "Not enough stock", data: v.object({ left: v.number() }) } },
  requests: {
    createOrder: {
      request: v.object({ sku: v.string(), quantity: v.pipe(v.number(), v.integer(), v.minValue(1)) }),
      response: v.object({ id: v.string() }),
      errors: ["OUT_OF_STOCK"],
    },
  },
  events: { orderCreated: v.object({ id: v.string() }) },
});

// One line is all that changes later: new NatsTransport({ servers: "nats://127.0.0.1:4222" }).
const transport = new MemoryTransport();

const server = createMessagingServer({ contract: orders, transport });
server.registerHandler("createOrder", async ({ sku, quantity }, context) => {
  if (quantity > 10) throw context.error("OUT_OF_STOCK", { left: 10 });
  const id = `${sku}-1`;
  await server.broadcast("orderCreated", { id });
  return { id };
});
await server.start();

const client = createMessagingClient({ contract: orders, transport });
await client.connect();
await client.subscribe("orderCreated", ({ id }) => console.log("created", id)).ready;

console.log("answer", await client.request("createOrder", { sku: "A1", quantity: 2 }));

const refused = await safe(client.request("createOrder", { sku: "A1", quantity: 11 }));
if (!refused.ok && refused.error.code === "OUT_OF_STOCK") console.log("only", refused.error.data.left, "left");

await client.disconnect();
await server.stop();
