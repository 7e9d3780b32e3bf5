// `nc.request` without the Error that it makes for each call, to have a stack to show.
import { openRequests, serveOrders } from "./nats-js.mjs";
import { unchecked } from "./work.mjs";

export const serve = (broker, answer) => serveOrders(broker, answer, unchecked);
export const open = (broker) =>
  openRequests(broker, unchecked, { noAsyncTraces: true });
