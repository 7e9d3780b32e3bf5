import type { Experiment } from "./experiment.ts";
import { misses, showFigure } from "./figures.ts";
import { runExperiment, type RunOptions } from "./run-experiment.ts";

/** How long the small size of an experiment may take, in milliseconds. */
export const smallLimitMs = 60_000;

/** Runs an experiment, prints its figures with its seed, and throws where one misses its target. */
export async function holdExperiment(experiment: Experiment, options: RunOptions): Promise<void> {
  const { figures, seed, tookMs, notes } = await runExperiment(experiment, options);
  const { id, sizes } = experiment;
  const place = options.place === undefined || options.place === "here" ? "" : ` in ${options.place}`;
  const title = `${id}${place}, ${sizes[options.size]}, seed ${seed}, ${tookMs} ms`;
  console.log(`${title}: ${figures.map(showFigure).join("; ")}`);
  const missed = misses(figures, options.size);
  if (missed.length === 0) return;
  throw new Error([`${title} misses ${missed.map(showFigure).join("; ")}`, ...notes.slice(0, 5)].join("\n"));
}
