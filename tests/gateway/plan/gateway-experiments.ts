import { eventStreams } from "./event-streams.ts";
import { foreignOrigins } from "./foreign-origins.ts";
import { forgedTokens } from "./forged-tokens.ts";
import type { GatewayExperiment } from "./gateway-experiment.ts";
import { gatewayKills } from "./gateway-kills.ts";
import { leavingCallers } from "./leaving-callers.ts";
import { malformedRequests } from "./malformed-requests.ts";
import { noisyNeighbour } from "./noisy-neighbour.ts";
import { otherTenants } from "./other-tenants.ts";
import { oversizedBodies } from "./oversized-bodies.ts";
import { smuggledRequests } from "./smuggled-requests.ts";
import { slowSockets } from "./slow-sockets.ts";

/** Every experiment on the gateway, in the order of the table. */
export const gatewayExperiments: readonly GatewayExperiment[] = [
  slowSockets,
  oversizedBodies,
  malformedRequests,
  forgedTokens,
  otherTenants,
  eventStreams,
  gatewayKills,
  noisyNeighbour,
  foreignOrigins,
  leavingCallers,
  smuggledRequests,
];
