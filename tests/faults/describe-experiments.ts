import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import type { Experiment } from "./experiment.ts";
import { holdExperiment, smallLimitMs } from "./hold-experiment.ts";

/** The small size of these experiments, as tests. */
export function describeExperiments(title: string, experiments: readonly Experiment[]): void {
  describeWithNatsServer(title, {}, (test) => {
    for (const experiment of experiments) {
      const { id, promise } = experiment;
      test(`${id}: ${promise}`, { timeoutMs: smallLimitMs }, () => holdExperiment(experiment, { size: "small" }));
    }
  });
}
