import type { Job, JobChoice } from "./job.ts";

/** What runs when the service is told to stop. */
export interface StopChoice extends JobChoice {
  readonly graceMs: number;
}

/** How long it took. */
export interface StopResult {
  /** From the call of `stop` to its end; `null` where it had not come. */
  readonly stoppedMs: number | null;
}

const limitMs = 12_000;

/** Stops a service whose handlers never end. */
export const stopInFlight: Job<StopChoice, StopResult> = async ({ where, graceMs }, context) => {
  const service = await context.contender.openService(where, () => new Promise(() => {}));
  context.mark("open");
  await context.go();
  const start = performance.now();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<null>((resolve) => timer = setTimeout(() => resolve(null), limitMs));
  const since = (): number => performance.now() - start;
  const stoppedMs = await Promise.race([service.stop(graceMs).then(since, since), limit]);
  clearTimeout(timer);
  return { stoppedMs };
};
