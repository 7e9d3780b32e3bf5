// Plain @nats-io/jetstream with the checks that a contract has.
import {
  listenToStoredMovements,
  openStoredPublisher,
} from "./jetstream-js.mjs";
import { checkedByValibot } from "./work.mjs";

export const publisher = (broker) =>
  openStoredPublisher(broker, checkedByValibot);
export const listen = (broker, onMovement) =>
  listenToStoredMovements(broker, onMovement, checkedByValibot);
