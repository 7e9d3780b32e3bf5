import { describeExperiments } from "./describe-experiments.ts";
import { malformedRequests } from "./malformed-requests.ts";
import { oversizedBodies } from "./oversized-bodies.ts";

describeExperiments("The gateway and requests that are none", [oversizedBodies, malformedRequests]);
