import type { GatewayExperiment } from "./gateway-experiment.ts";
import { slowSockets } from "./slow-sockets.ts";
import { forgedTokens } from "./forged-tokens.ts";
import { oversizedBodies } from "./oversized-bodies.ts";
import { malformedRequests } from "./malformed-requests.ts";

/** Every experiment on the gateway, in the order of the table. */
export const gatewayExperiments: readonly GatewayExperiment[] = [
  slowSockets,
  oversizedBodies,
  malformedRequests,
  forgedTokens,
];
