import { describeExperiments } from "./describe-experiments.ts";
import { leavingCallers } from "./leaving-callers.ts";
import { slowSockets } from "./slow-sockets.ts";
import { smuggledRequests } from "./smuggled-requests.ts";

describeExperiments("The gateway and what comes over its sockets", [slowSockets, leavingCallers, smuggledRequests]);
