import { describeExperiments } from "./describe-experiments.ts";
import { lameDuck } from "./lame-duck.ts";
import { nodeFreezes, nodeKills } from "./node-faults.ts";

describeExperiments("A cluster that loses a node", [nodeKills, nodeFreezes, lameDuck]);
