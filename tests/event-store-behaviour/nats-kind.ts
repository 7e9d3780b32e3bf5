import { NatsTransport, type TransportConnection } from "../../mod.ts";
import type { EventStoreKind } from "./event-store-kind.ts";

let requests = 0;

/** JetStream streams of a broker at this address. */
export function natsKind(name: string, servers: string): EventStoreKind {
  return {
    name,
    connect: () => new NatsTransport({ servers }),
    deleteStream: (stream, connection) => ask(connection, `STREAM.DELETE.${stream}`),
    deleteConsumer: (stream, consumer, connection) => ask(connection, `CONSUMER.DELETE.${stream}.${consumer}`),
  };
}

/** Asks the broker's own interface, as its command-line tool does. */
async function ask(connection: TransportConnection, subject: string): Promise<void> {
  const answer = await connection.request(`$JS.API.${subject}`, new Uint8Array(0), {
    requestId: `ask-${requests += 1}`,
    timeoutMs: 5_000,
    operation: subject,
    read: ({ body }) => JSON.parse(new TextDecoder().decode(body)),
  });
  if (answer.success !== true) throw new Error(`${subject}: ${JSON.stringify(answer.error)}`);
}
