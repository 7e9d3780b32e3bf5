// Moleculer with its NATS transporter and JSON, as https://moleculer.services/docs has it; its logger is off.
import moleculer from "moleculer";

async function startNode({ url, prefix }, service) {
  const transporter = { type: "NATS", options: { url } };
  const node = new moleculer.ServiceBroker({
    namespace: prefix,
    logger: false,
    serializer: "JSON",
    transporter,
  });
  if (service !== undefined) node.createService(service);
  await node.start();
  return node;
}

export async function serve(broker, answer) {
  const actions = { createOrder: (context) => answer(context.params) };
  const node = await startNode(broker, { name: "bench", actions });
  return { close: () => node.stop() };
}

export async function open(broker) {
  const node = await startNode(broker);
  await node.waitForServices("bench");
  return {
    request: (order) => node.call("bench.createOrder", order),
    close: () => node.stop(),
  };
}

export async function listen(broker, onMovement) {
  const events = {
    "bench.orderMoved": (context) => onMovement(context.params),
  };
  const node = await startNode(broker, { name: "listener", events });
  return { close: () => node.stop() };
}

export async function publisher(broker) {
  const node = await startNode(broker);
  await node.waitForServices("listener");
  return {
    publish: (movement) => node.broadcast("bench.orderMoved", movement),
    close: () => node.stop(),
  };
}
