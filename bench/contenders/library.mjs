// The built library; BENCH_LIBRARY names its entry. A benchmark of the sources would measure the loader's output instead.
import process from "node:process";
import { movementSchema, orderSchema, receiptSchema } from "./work.mjs";

export const library = await import(process.env.BENCH_LIBRARY);

export const contract = library.createContract({
  name: "bench",
  version: "1.0.0",
  errors: { OUT_OF_STOCK: { status: 409 } },
  requests: {
    createOrder: {
      request: orderSchema,
      response: receiptSchema,
      errors: ["OUT_OF_STOCK"],
    },
  },
  events: { orderMoved: { schema: movementSchema } },
});

/** A server that answers orders. */
export async function startServer(transport, answer, options = {}) {
  const server = library.createMessagingServer({
    contract,
    transport,
    ...options,
  });
  server.registerHandler("createOrder", (order) => answer(order));
  await server.start();
  return server;
}

/** A connected client. */
export async function connectClient(transport, options = {}) {
  const client = library.createMessagingClient({
    contract,
    transport,
    ...options,
  });
  await client.connect();
  return client;
}
