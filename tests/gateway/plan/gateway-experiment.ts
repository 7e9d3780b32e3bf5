import type { Figure, Size } from "../../faults/figures.ts";

/** One claim about the gateway under abuse, and how it is put to the test. */
export interface GatewayExperiment {
  /** As in the plan: `G1` to `G11`. */
  readonly id: string;
  /** What is promised, for whoever reads the table. */
  readonly promise: string;
  /** How much each size does, in words. */
  readonly sizes: Readonly<Record<Size, string>>;
  /** How long the large size may take, in milliseconds. */
  readonly largeLimitMs: number;
  /** Does it. */
  readonly run: (size: Size) => Promise<readonly Figure[]>;
}
