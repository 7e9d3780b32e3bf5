import { describeExperiments } from "./describe-experiments.ts";
import { consumerKills } from "./durable/consumer-kills.ts";
import { interruptions } from "./durable/interruptions.ts";
import { orderedKills } from "./durable/ordered-kills.ts";
import { poisonEvents } from "./durable/poison-events.ts";
import { storedBrokerKills } from "./durable/stored-broker-kills.ts";
import { storedGatewayKills } from "./durable/stored-gateway-kills.ts";
import { storedNodeKill } from "./durable/stored-node-kill.ts";

describeExperiments("Stored events", [
  consumerKills,
  storedBrokerKills,
  poisonEvents,
  interruptions,
  orderedKills,
  storedNodeKill,
  storedGatewayKills,
]);
