// What the contenders of plain @nats-io/jetstream have in common: each event is stored with an id, acknowledged by its
// stream, and acknowledged by its listener.
import { AckPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { eventsInHand } from "./work.mjs";

const streamName = ({ prefix }) => `${prefix}-EVENTS`;
const movementSubject = ({ prefix }) => `${prefix}.orderMoved`;

/** Publishes; resolves when the stream has it. */
export async function openStoredPublisher(broker, checks) {
  const connection = await connect({ servers: broker.url });
  const name = await ensureStream(connection, broker);
  const client = jetstream(connection);
  const subject = movementSubject(broker);
  let count = 0;
  return {
    publish: async (movement) => {
      const body = JSON.stringify(checks.movement(movement));
      await client.publish(subject, body, {
        msgID: `${process.pid}-${++count}`,
        expect: { streamName: name },
      });
    },
    close: () => connection.close(),
  };
}

/** Listens as a durable consumer. */
export async function listenToStoredMovements(broker, onMovement, checks) {
  const connection = await connect({ servers: broker.url });
  const name = await ensureStream(connection, broker);
  const manager = await jetstreamManager(connection);
  await manager.consumers.add(name, {
    durable_name: "bench",
    ack_policy: AckPolicy.Explicit,
    max_ack_pending: 10_000,
  });
  const consumer = await jetstream(connection).consumers.get(name, "bench");
  await consumer.consume({
    max_messages: eventsInHand,
    callback: (message) => {
      onMovement(checks.movement(message.json()));
      message.ack();
    },
  });
  return { close: () => connection.close() };
}

async function ensureStream(connection, broker) {
  const manager = await jetstreamManager(connection);
  const name = streamName(broker);
  await manager.streams.add({ name, subjects: [movementSubject(broker)] });
  return name;
}
