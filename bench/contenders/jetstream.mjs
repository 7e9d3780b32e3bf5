// Plain @nats-io/jetstream, which checks nothing.
import {
  listenToStoredMovements,
  openStoredPublisher,
} from "./jetstream-js.mjs";
import { unchecked } from "./work.mjs";

export const publisher = (broker) => openStoredPublisher(broker, unchecked);
export const listen = (broker, onMovement) =>
  listenToStoredMovements(broker, onMovement, unchecked);
