import { describeExperiments } from "./describe-experiments.ts";
import { credentialRotation } from "./credential-rotation.ts";
import { deniedPermissions } from "./denied-permissions.ts";
import { foreignDials } from "./foreign-dials.ts";
import { payloadLimits } from "./payload-limits.ts";
import { spoiltWay } from "./spoilt-way.ts";

describeExperiments("A connection that is spoilt or refused", [
  spoiltWay,
  foreignDials,
  payloadLimits,
  deniedPermissions,
  credentialRotation,
]);
