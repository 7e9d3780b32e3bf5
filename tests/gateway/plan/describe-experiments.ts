import { misses, showFigure } from "../../faults/figures.ts";
import { describeWithNatsServer } from "../../support/describe-with-nats-server.ts";
import type { GatewayExperiment } from "./gateway-experiment.ts";

const smallLimitMs = 60_000;

/** The small size of these experiments, as tests: each prints its figures, and fails where one misses its target. */
export function describeExperiments(title: string, experiments: readonly GatewayExperiment[]): void {
  describeWithNatsServer(title, {}, (test) => {
    for (const { id, promise, sizes, run } of experiments) {
      test(`${id}: ${promise}`, { timeoutMs: smallLimitMs }, async () => {
        const figures = await run("small");
        const heading = `${id}, ${sizes.small}`;
        console.log(`${heading}: ${figures.map(showFigure).join("; ")}`);
        const missed = misses(figures, "small");
        if (missed.length > 0) throw new Error(`${heading} misses ${missed.map(showFigure).join("; ")}`);
      });
    }
  });
}
