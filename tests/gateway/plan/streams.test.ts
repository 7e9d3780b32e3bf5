import { describeExperiments } from "./describe-experiments.ts";
import { eventStreams } from "./event-streams.ts";
import { gatewayKills } from "./gateway-kills.ts";

describeExperiments("The gateway and its event streams", [eventStreams, gatewayKills]);
