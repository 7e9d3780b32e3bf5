import { describeExperiments } from "./describe-experiments.ts";
import { foreignOrigins } from "./foreign-origins.ts";
import { forgedTokens } from "./forged-tokens.ts";
import { noisyNeighbour } from "./noisy-neighbour.ts";
import { otherTenants } from "./other-tenants.ts";

describeExperiments("The gateway and who calls", [forgedTokens, otherTenants, noisyNeighbour, foreignOrigins]);
