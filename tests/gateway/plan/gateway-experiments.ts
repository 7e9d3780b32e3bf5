import { eventStreams } from "./event-streams.ts";
import { forgedTokens } from "./forged-tokens.ts";
import type { GatewayExperiment } from "./gateway-experiment.ts";
import { malformedRequests } from "./malformed-requests.ts";
import { otherTenants } from "./other-tenants.ts";
import { oversizedBodies } from "./oversized-bodies.ts";
import { slowSockets } from "./slow-sockets.ts";

/** Every experiment on the gateway, in the order of the table. */
export const gatewayExperiments: readonly GatewayExperiment[] = [
  slowSockets,
  oversizedBodies,
  malformedRequests,
  forgedTokens,
  otherTenants,
  eventStreams,
];
