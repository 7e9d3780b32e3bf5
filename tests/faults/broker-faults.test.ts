import { killsWithIdempotentRequests, killsWithOtherRequests } from "./broker-kills.ts";
import { describeExperiments } from "./describe-experiments.ts";

describeExperiments("A broker that dies or falls silent", [killsWithIdempotentRequests, killsWithOtherRequests]);
