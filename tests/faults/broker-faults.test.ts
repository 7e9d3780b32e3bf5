import { killsWithIdempotentRequests, killsWithOtherRequests } from "./broker-kills.ts";
import { describeExperiments } from "./describe-experiments.ts";
import { frozenBroker } from "./frozen-broker.ts";
import { outageWithEvents } from "./outage-events.ts";

describeExperiments("A broker that dies or falls silent", [
  killsWithIdempotentRequests,
  killsWithOtherRequests,
  outageWithEvents,
  frozenBroker,
]);
