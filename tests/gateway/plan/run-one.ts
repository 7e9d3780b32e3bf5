// Runs one experiment in this process and prints its result as JSON: `run-one.ts ID SIZE`.
import process from "node:process";
import { figuresToJson, misses, showFigure, type Size } from "../../faults/figures.ts";
import { gatewayExperiments } from "./gateway-experiments.ts";
import { resultStart } from "../../faults/job-lines.ts";

const [id, size = "small"] = process.argv.slice(2);
const experiment = gatewayExperiments.find((experiment) => experiment.id === id);
if (experiment === undefined) throw new Error(`There is no experiment ${id}`);

const startedAt = performance.now();
let outcome: object;
try {
  const figures = await experiment.run(size as Size);
  for (const figure of figures) console.log(showFigure(figure));
  for (const figure of misses(figures, size as Size)) console.log(`MISSED ${showFigure(figure)}`);
  outcome = { figures: figuresToJson(figures), tookMs: Math.round(performance.now() - startedAt) };
} catch (error) {
  outcome = { problem: String((error as Error).stack ?? error) };
}
// Exits by itself, because what an experiment leaves behind must not keep the next one waiting.
process.stdout.write(`\n${resultStart}${JSON.stringify(outcome)}\n`, () => process.exit(0));
