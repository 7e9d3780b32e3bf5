import type { Job, JobChoice } from "./job.ts";

/** How slow. */
export interface SlowChoice extends JobChoice {
  readonly handlerMs: number;
}

/** What ran. */
export interface SlowResult {
  readonly ran: number;
  /** How many ran at once at most. */
  readonly mostAtOnce: number;
}

/** Serves with handlers that take their time, until its starter has seen enough. */
export const serveSlowly: Job<SlowChoice, SlowResult> = async ({ where, handlerMs }, context) => {
  let ran = 0;
  let running = 0;
  let mostAtOnce = 0;
  const service = await context.contender.openService(where, async (text) => {
    ran += 1;
    running += 1;
    mostAtOnce = Math.max(mostAtOnce, running);
    await new Promise((resolve) => setTimeout(resolve, handlerMs));
    running -= 1;
    return text;
  });
  context.mark("open");
  await context.go();
  await service.stop(1_000).catch(() => {});
  return { ran, mostAtOnce };
};
