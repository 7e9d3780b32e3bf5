import type { Contender, ContenderName } from "./contender.ts";
import type { Figure, Size } from "./figures.ts";
import type { ChoiceOf, JobName, ResultOf } from "./jobs/job-list.ts";
import type { JobPlace, RunningJob } from "./start-job.ts";

/** What an experiment is run with. */
export interface ExperimentRun {
  readonly size: Size;
  readonly contender: Contender;
  /** Where callers run, unless the experiment needs them elsewhere. */
  readonly place: JobPlace;
  /** Decides what is random. */
  readonly seed: number;
  /** Starts a caller's side where callers run, or at a place that the experiment names. */
  readonly startJob: <Name extends JobName>(
    name: Name,
    choice: ChoiceOf<Name>,
    options?: { readonly place?: JobPlace; readonly collectsGarbage?: boolean },
  ) => Promise<RunningJob<ResultOf<Name>>>;
}

/** One claim about faults, and how it is put to the test. */
export interface Experiment {
  /** As in the plan: `F1`, `A2`, `M1`. */
  readonly id: string;
  /** What is promised, for whoever reads the table. */
  readonly promise: string;
  /** How much each size does, in words. */
  readonly sizes: Readonly<Record<Size, string>>;
  /** Who is put to it. */
  readonly contenders: readonly ContenderName[];
  /** The other runtimes that its callers can run in. */
  readonly runtimes: readonly Exclude<JobPlace, "here" | "node">[];
  /** How long the large size may take, in milliseconds; the small one has `smallLimitMs` of `hold-experiment.ts`. */
  readonly largeLimitMs: number;
  /** Does it. */
  readonly run: (run: ExperimentRun) => Promise<readonly Figure[]>;
}
