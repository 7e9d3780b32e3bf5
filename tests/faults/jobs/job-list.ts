import { askAtARate } from "./ask-at-a-rate.ts";
import { askOfSizes } from "./ask-of-sizes.ts";
import { closeInFlight } from "./close-in-flight.ts";
import { hearWhileBlocked } from "./hear-while-blocked.ts";
import { heapOverChurn } from "./heap-over-churn.ts";
import { heapOverRequests } from "./heap-over-requests.ts";
import type { Job, JobChoice } from "./job.ts";
import { serveSlowly } from "./serve-slowly.ts";
import { stopInFlight } from "./stop-in-flight.ts";
import { tellAtARate } from "./tell-at-a-rate.ts";
import { tellAtFullSpeed } from "./tell-at-full-speed.ts";

/** Every job, by the name that a program of its own is given. */
export const jobs = {
  askAtARate,
  askOfSizes,
  closeInFlight,
  hearWhileBlocked,
  heapOverChurn,
  heapOverRequests,
  serveSlowly,
  stopInFlight,
  tellAtARate,
  tellAtFullSpeed,
} as const;

export type JobName = keyof typeof jobs;

/** What a job is told. */
export type ChoiceOf<Name extends JobName> = Parameters<(typeof jobs)[Name]>[0];

/** What a job gives. */
export type ResultOf<Name extends JobName> = Awaited<ReturnType<(typeof jobs)[Name]>>;

/** A job for whoever has only its name. */
export function jobByName(name: string): Job<JobChoice, unknown> {
  if (!Object.hasOwn(jobs, name)) throw new Error(`There is no job "${name}"`);
  return jobs[name as JobName] as Job<JobChoice, unknown>;
}
