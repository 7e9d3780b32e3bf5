// The limit for the same work: a hand-made reply inbox with Valibot by hand on both sides, both ways.
import { openInbox } from "./inbox-requests.mjs";
import { serveOrders } from "./nats-js.mjs";
import { checkedByValibot } from "./work.mjs";

export const serve = (broker, answer) =>
  serveOrders(broker, answer, checkedByValibot);
export const open = (broker) => openInbox(broker, checkedByValibot);
