import { blockedLoop } from "./blocked-loop.ts";
import { killsWithIdempotentRequests, killsWithOtherRequests } from "./broker-kills.ts";
import { churnMemory } from "./churn-memory.ts";
import { consumerKills } from "./durable/consumer-kills.ts";
import { interruptions } from "./durable/interruptions.ts";
import { orderedKills } from "./durable/ordered-kills.ts";
import { poisonEvents } from "./durable/poison-events.ts";
import { storedBrokerKills } from "./durable/stored-broker-kills.ts";
import { storedGatewayKills } from "./durable/stored-gateway-kills.ts";
import { storedNodeKill } from "./durable/stored-node-kill.ts";
import { credentialRotation } from "./credential-rotation.ts";
import { deniedPermissions } from "./denied-permissions.ts";
import type { Experiment } from "./experiment.ts";
import { foreignDials } from "./foreign-dials.ts";
import { forgedErrors } from "./forged-errors.ts";
import { forgedReplies } from "./forged-replies.ts";
import { frozenBroker } from "./frozen-broker.ts";
import { hostileHeaders, hostileMessages } from "./hostile-messages.ts";
import { hostileTexts } from "./hostile-texts.ts";
import { lameDuck } from "./lame-duck.ts";
import { nodeFreezes, nodeKills } from "./node-faults.ts";
import { outageWithEvents } from "./outage-events.ts";
import { payloadLimits } from "./payload-limits.ts";
import { replySubjects } from "./reply-subjects.ts";
import { rollingRestarts } from "./rolling-restarts.ts";
import { shutdownStates } from "./shutdown-states.ts";
import { slowHandlers } from "./slow-handlers.ts";
import { spoiltWay } from "./spoilt-way.ts";
import { steadyMemory } from "./steady-memory.ts";

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
  spoiltWay,
  foreignDials,
  lameDuck,
  blockedLoop,
  slowHandlers,
  payloadLimits,
  deniedPermissions,
  credentialRotation,
  hostileMessages,
  hostileHeaders,
  hostileTexts,
  replySubjects,
  forgedReplies,
  forgedErrors,
  steadyMemory,
  churnMemory,
  consumerKills,
  storedBrokerKills,
  poisonEvents,
  interruptions,
  orderedKills,
  storedNodeKill,
  storedGatewayKills,
];
