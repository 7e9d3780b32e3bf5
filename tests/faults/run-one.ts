// Runs one experiment in this process and prints its result as JSON: `run-one.ts ID SIZE CONTENDER PLACE`.
import process from "node:process";
import type { ContenderName } from "./contender.ts";
import { endWithStarter } from "./end-with-starter.ts";
import { experiments } from "./experiments.ts";
import { figuresToJson, type Size } from "./figures.ts";
import { resultStart } from "./job-lines.ts";
import { runExperiment } from "./run-experiment.ts";
import type { JobPlace } from "./start-job.ts";

endWithStarter();
const [id, size = "small", contender = "ours", place = "here"] = process.argv.slice(2);
const experiment = experiments.find((experiment) => experiment.id === id);
if (experiment === undefined) throw new Error(`There is no experiment ${id}`);

let outcome: object;
try {
  // A caller beside broker control and service would share their stalls; the large size has times to keep.
  const own = place === "here" && size === "large" ? "node" : place;
  const choice = { size: size as Size, contender: contender as ContenderName, place: own as JobPlace };
  const result = await runExperiment(experiment, choice);
  outcome = { ...result, figures: figuresToJson(result.figures) };
} catch (error) {
  outcome = { problem: String((error as Error).stack ?? error) };
}
// Exits by itself, because a contender may leave a connection behind that comes back for ever.
process.stdout.write(`\n${resultStart}${JSON.stringify(outcome)}\n`, () => process.exit(0));
