// This library over its memory transport: client and server in one process, on one core.
import { connectClient, library, startServer } from "./library.mjs";
import { receiptFor } from "./work.mjs";

export async function open() {
  const transport = new library.MemoryTransport();
  const server = await startServer(transport, receiptFor);
  const client = await connectClient(transport);
  return {
    request: (order) => client.request("createOrder", order),
    close: async () => {
      await client.disconnect();
      await server.stop();
    },
  };
}

export async function openEvents(onMovement) {
  const transport = new library.MemoryTransport();
  const server = await startServer(transport, receiptFor);
  const client = await connectClient(transport);
  await client.subscribe("orderMoved", onMovement).ready;
  return { publish: (movement) => server.broadcast("orderMoved", movement) };
}
