// This library's durable events over NATS: stored, checked on both sides, handled at least once.
import { library } from "./library.mjs";
import { eventsInHand, movementSchema } from "./work.mjs";

const contract = library.createContract({
  name: "bench",
  version: "1.0.0",
  events: { orderMoved: { schema: movementSchema, durable: true } },
});
const options = ({ url, prefix }) => ({
  contract,
  transport: new library.NatsTransport({ servers: url }),
  namespace: prefix,
});

export async function publisher(broker) {
  const server = library.createMessagingServer(options(broker));
  await server.start();
  return {
    publish: (movement) => server.broadcast("orderMoved", movement),
    close: () => server.stop(),
  };
}

export async function listen(broker, onMovement) {
  const client = library.createMessagingClient(options(broker));
  await client.connect();
  await client.subscribe("orderMoved", {
    durable: "bench",
    from: "all",
    concurrency: eventsInHand,
  }, onMovement).ready;
  return { close: () => client.disconnect() };
}
