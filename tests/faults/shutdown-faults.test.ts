import { describeExperiments } from "./describe-experiments.ts";
import { rollingRestarts } from "./rolling-restarts.ts";
import { shutdownStates } from "./shutdown-states.ts";

describeExperiments("Shutting down under load", [shutdownStates, rollingRestarts]);
