import { killsWithIdempotentRequests, killsWithOtherRequests } from "./broker-kills.ts";
import type { Experiment } from "./experiment.ts";

/** Every experiment, in the order of the table. */
export const experiments: readonly Experiment[] = [killsWithIdempotentRequests, killsWithOtherRequests];
