// The least that a request over nats.js can be: one subscription for all answers, a counter for their tokens, a table of
// who waits. No deadline, no error, no answer when nobody serves it.
import { connect, createInbox } from "@nats-io/transport-node";
import { orderSubject } from "./nats-js.mjs";

export async function openInbox(broker, checks) {
  const connection = await connect({ servers: broker.url });
  const prefix = `${createInbox()}.`;
  const waiting = new Map();
  const subject = orderSubject(broker);
  let last = 0;
  connection.subscribe(`${prefix}*`, {
    callback: (error, message) => {
      if (error) throw error;
      const token = message.subject.slice(prefix.length);
      const resolve = waiting.get(token);
      waiting.delete(token);
      resolve?.(message);
    },
  });
  await connection.flush();
  return {
    request: async (order) => {
      const body = JSON.stringify(checks.order(order));
      const token = String(++last);
      const message = await new Promise((resolve) => {
        waiting.set(token, resolve);
        connection.publish(subject, body, { reply: prefix + token });
      });
      return checks.receipt(message.json());
    },
    close: () => connection.close(),
  };
}
