// `nc.request` as it comes.
import {
  listenToMovements,
  openPublisher,
  openRequests,
  serveOrders,
} from "./nats-js.mjs";
import { unchecked } from "./work.mjs";

export const serve = (broker, answer) => serveOrders(broker, answer, unchecked);
export const open = (broker) => openRequests(broker, unchecked);
export const publisher = (broker) => openPublisher(broker, unchecked);
export const listen = (broker, onMovement) =>
  listenToMovements(broker, onMovement, unchecked);
