import { blockedLoop } from "./blocked-loop.ts";
import { churnMemory } from "./churn-memory.ts";
import { describeExperiments } from "./describe-experiments.ts";
import { slowHandlers } from "./slow-handlers.ts";
import { steadyMemory } from "./steady-memory.ts";

describeExperiments("More load than can be taken, and what stays of it", [
  blockedLoop,
  slowHandlers,
  steadyMemory,
  churnMemory,
]);
