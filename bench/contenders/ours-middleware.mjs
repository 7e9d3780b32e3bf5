// This library with a middleware that does nothing: what every middleware costs, telemetry too.
import { connectClient, library, startServer } from "./library.mjs";

const over = ({ url }) => new library.NatsTransport({ servers: url });
const inside = ({ prefix }) => ({ namespace: prefix, middleware: [(_, next) => next()] });

export async function serve(broker, answer, options) {
  const server = await startServer(over(broker), answer, { ...inside(broker), ...options });
  return { close: () => server.stop() };
}

export async function open(broker) {
  const client = await connectClient(over(broker), inside(broker));
  return { request: (order) => client.request("createOrder", order), close: () => client.disconnect() };
}
