// The service behind the desk: it knows no transport.
import { createMessagingServer } from "@magicbutton/messaging";
import { orders } from "./contract.js";

export async function startService(transport) {
  const server = createMessagingServer({ contract: orders, transport });
  let left = 12;
  let count = 0;
  server.registerHandler("placeOrder", async (request, context) => {
    if (request.quantity > left) throw context.error("OUT_OF_STOCK", { sku: request.sku, left });
    left -= request.quantity;
    count += 1;
    const order = { id: `order-${count}`, ...request };
    await server.broadcast("orderPlaced", order);
    return order;
  });
  await server.start();
  return server;
}
