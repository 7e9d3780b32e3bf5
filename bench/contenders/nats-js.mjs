// What the contenders of plain nats.js have in common: a service, a publisher and a listener, with checks or without.
import { connect } from "@nats-io/transport-node";

export const orderSubject = ({ prefix }) => `${prefix}.createOrder`;
const movementSubject = ({ prefix }) => `${prefix}.orderMoved`;

/** Answers orders, as a member of a queue group. */
export async function serveOrders(broker, answer, checks) {
  const connection = await connect({ servers: broker.url });
  connection.subscribe(orderSubject(broker), {
    queue: "bench",
    callback: (error, message) => {
      if (error) throw error;
      const reply = answer(checks.order(message.json()));
      const send = (receipt) =>
        message.respond(JSON.stringify(checks.receipt(receipt)));
      if (reply instanceof Promise) reply.then(send);
      else send(reply);
    },
  });
  await connection.flush();
  return { close: () => connection.close() };
}

/** Asks with `nc.request`. */
export async function openRequests(broker, checks, options = {}) {
  const connection = await connect({ servers: broker.url, ...options });
  const subject = orderSubject(broker);
  return {
    request: async (order) => {
      const body = JSON.stringify(checks.order(order));
      const message = await connection.request(subject, body, {
        timeout: 5_000,
      });
      return checks.receipt(message.json());
    },
    close: () => connection.close(),
  };
}

/** Publishes; nats.js tells nobody whether the broker has it. */
export async function openPublisher(broker, checks) {
  const connection = await connect({ servers: broker.url });
  const subject = movementSubject(broker);
  return {
    publish: (movement) =>
      connection.publish(subject, JSON.stringify(checks.movement(movement))),
    close: () => connection.close(),
  };
}

/** Listens. */
export async function listenToMovements(broker, onMovement, checks) {
  const connection = await connect({ servers: broker.url });
  connection.subscribe(movementSubject(broker), {
    callback: (error, message) => {
      if (error) throw error;
      onMovement(checks.movement(message.json()));
    },
  });
  await connection.flush();
  return { close: () => connection.close() };
}
