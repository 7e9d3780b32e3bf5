// This library over NATS: checked on both sides, both ways, a deadline of 5 s, typed errors.
import { connectClient, library, startServer } from "./library.mjs";

const over = ({ url }) => new library.NatsTransport({ servers: url });
const inside = ({ prefix }) => ({ namespace: prefix });

export async function serve(broker, answer, options) {
  const server = await startServer(over(broker), answer, {
    ...inside(broker),
    ...options,
  });
  return { close: () => server.stop() };
}

export async function open(broker) {
  const client = await connectClient(over(broker), inside(broker));
  return {
    request: (order) => client.request("createOrder", order),
    close: () => client.disconnect(),
  };
}

export async function publisher(broker) {
  const server = await startServer(over(broker), () => {}, inside(broker));
  return {
    publish: (movement) => server.broadcast("orderMoved", movement),
    close: () => server.stop(),
  };
}

export async function listen(broker, onMovement) {
  const client = await connectClient(over(broker), inside(broker));
  await client.subscribe("orderMoved", onMovement).ready;
  return { close: () => client.disconnect() };
}
