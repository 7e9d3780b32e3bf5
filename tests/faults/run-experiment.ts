import process from "node:process";
import { contenderByName } from "./contender-by-name.ts";
import type { ContenderName } from "./contender.ts";
import type { Experiment } from "./experiment.ts";
import { type Figure, none, type Size } from "./figures.ts";
import { type ProcessNotes, ProcessWatch } from "./process-watch.ts";
import { type JobPlace, startJob } from "./start-job.ts";

/** How an experiment is run. */
export interface RunOptions {
  readonly size: Size;
  /** @default "ours" */
  readonly contender?: ContenderName;
  /** Where callers run. @default "here" */
  readonly place?: JobPlace;
  /** @default chosen by the day */
  readonly seed?: number;
}

/** What came of it. */
export interface ExperimentResult {
  readonly figures: readonly Figure[];
  readonly seed: number;
  readonly tookMs: number;
  /** What was left unhandled or said, for whoever has to find out why. */
  readonly notes: readonly string[];
}

/** Runs an experiment, and adds what no library may do to its process. */
export async function runExperiment(experiment: Experiment, options: RunOptions): Promise<ExperimentResult> {
  const { size, place = "here", seed = seedOfToday() } = options;
  const contender = await contenderByName(options.contender ?? "ours");
  const startedAt = performance.now();
  const seen: ProcessNotes[] = [];
  let figures: readonly Figure[];
  {
    await using watch = new ProcessWatch();
    seen.push(watch);
    figures = await experiment.run({
      size,
      contender,
      place,
      seed,
      startJob: (name, choice, { place: wanted = place, collectsGarbage = false } = {}) =>
        startJob(name, choice, {
          place: wanted,
          contender: contender.name,
          collectsGarbage,
          onNotes: (notes) => void seen.push(notes),
        }),
    });
  }
  const rejections = seen.flatMap(({ unhandledRejections }) => unhandledRejections);
  const exceptions = seen.flatMap(({ uncaughtExceptions }) => uncaughtExceptions);
  const said = seen.flatMap((notes) => notes.said);
  return {
    figures: [
      ...figures,
      { name: "unhandled rejections", value: rejections.length, limit: none },
      { name: "uncaught exceptions", value: exceptions.length, limit: none },
      { name: "lines on standard output", value: said.length, limit: none },
    ],
    seed,
    tookMs: Math.round(performance.now() - startedAt),
    notes: [...rejections, ...exceptions, ...said],
  };
}

/** The same all day, so that a run can be repeated. */
function seedOfToday(): number {
  return Number(process.env["TEST_SEED"] ?? new Date().toISOString().slice(0, 10).replaceAll("-", ""));
}
