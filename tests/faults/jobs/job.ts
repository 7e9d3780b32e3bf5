import type { ConnectionChoice, Contender } from "../contender.ts";

/** What a job has from its starter. */
export interface JobContext {
  /** Whose library does it. */
  readonly contender: Contender;
  /** Tells the starter how far it is. */
  readonly mark: (name: string) => void;
  /** Resolves when the starter says so. */
  readonly go: () => Promise<void>;
}

/** What every job is told. */
export interface JobChoice {
  readonly where: ConnectionChoice;
}

/**
 * A caller's side of an experiment: it runs where the starter says, so it needs nothing of a runtime. Its choice and its
 * result are plain data.
 */
export type Job<Choice extends JobChoice, Result> = (choice: Choice, context: JobContext) => Promise<Result>;
