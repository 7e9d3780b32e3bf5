// `nc.request` and `nc.publish` with Valibot by hand on both sides, both ways.
import {
  listenToMovements,
  openPublisher,
  openRequests,
  serveOrders,
} from "./nats-js.mjs";
import { checkedByValibot } from "./work.mjs";

export const serve = (broker, answer) =>
  serveOrders(broker, answer, checkedByValibot);
export const open = (broker) => openRequests(broker, checkedByValibot);
export const publisher = (broker) => openPublisher(broker, checkedByValibot);
export const listen = (broker, onMovement) =>
  listenToMovements(broker, onMovement, checkedByValibot);
