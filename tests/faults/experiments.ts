import { killsWithIdempotentRequests, killsWithOtherRequests } from "./broker-kills.ts";
import type { Experiment } from "./experiment.ts";
import { frozenBroker } from "./frozen-broker.ts";
import { nodeFreezes, nodeKills } from "./node-faults.ts";
import { outageWithEvents } from "./outage-events.ts";
import { rollingRestarts } from "./rolling-restarts.ts";
import { shutdownStates } from "./shutdown-states.ts";

/** Every experiment, in the order of the table. */
export const experiments: readonly Experiment[] = [
  killsWithIdempotentRequests,
  killsWithOtherRequests,
  outageWithEvents,
  frozenBroker,
  shutdownStates,
  rollingRestarts,
  nodeKills,
  nodeFreezes,
];
