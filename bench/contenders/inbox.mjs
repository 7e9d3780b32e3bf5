// The limit: a hand-made reply inbox that checks nothing.
import { openInbox } from "./inbox-requests.mjs";
import { serveOrders } from "./nats-js.mjs";
import { unchecked } from "./work.mjs";

export const serve = (broker, answer) => serveOrders(broker, answer, unchecked);
export const open = (broker) => openInbox(broker, unchecked);
