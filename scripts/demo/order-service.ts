import { createMessagingServer, type MessagingServer, type Transport } from "../../mod.ts";
import { orderContract } from "./order-contract.ts";

const stock = 100;

/** One instance of the demo's service. */
export interface OrderService {
  readonly name: string;
  readonly server: MessagingServer<typeof orderContract>;
  /** How many orders it took. */
  readonly taken: () => number;
}

/** Starts an instance of the order service. */
export async function startOrderService(transport: Transport, name: string): Promise<OrderService> {
  let taken = 0;
  const server = createMessagingServer({ contract: orderContract, transport });
  server.registerHandler("createOrder", async ({ sku, quantity }, context) => {
    if (quantity > stock) throw context.error("OUT_OF_STOCK", { sku, left: stock });
    taken += 1;
    const order = { id: `${name.replace(" ", "-")}-${taken}`, sku, quantity };
    if (quantity > 1) await server.broadcast("orderPlaced", order);
    return order;
  });
  server.registerHandler("slowReport", async (_request, { signal }) => {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 1_000);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      }, { once: true });
    });
    return "done";
  });
  await server.start();
  return { name, server, taken: () => taken };
}
