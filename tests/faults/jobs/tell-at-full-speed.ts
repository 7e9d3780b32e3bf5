import { bounded } from "../bounded.ts";
import type { Job, JobChoice } from "./job.ts";

/** How much to tell. */
export interface FullSpeedChoice extends JobChoice {
  readonly bytes: number;
  readonly durationMs: number;
}

/** What came of it. */
export interface FullSpeedResult {
  /** How many were tried. */
  readonly told: number;
  readonly refused: number;
  /** Of those that were refused within a tenth of a second: how long that took at most, for 99 of 100. */
  readonly refusalMs: readonly number[];
  /** An event got through again afterwards. */
  readonly recovered: boolean;
}

const warmUpEvents = 200;
const batch = 64;
const atOnceMs = 100;
const samples = 10_000;
const recoveryMs = 15_000;

/** Tells large events as fast as it can, to a broker that its starter has frozen meanwhile. */
export const tellAtFullSpeed: Job<FullSpeedChoice, FullSpeedResult> = async (choice, context) => {
  const { where, bytes, durationMs } = choice;
  const caller = await context.contender.openCaller(where);
  const padding = "x".repeat(bytes);
  for (let number = 0; number < warmUpEvents; number++) await caller.tell(number, padding);
  context.mark("warm");
  await context.go();

  let told = 0;
  let refused = 0;
  const refusalMs: number[] = [];
  const end = performance.now() + durationMs;
  while (performance.now() < end) {
    for (let event = 0; event < batch; event++) {
      const calledAt = performance.now();
      // What throws instead of rejecting is refused, too.
      const telling = (async () => await caller.tell(told, padding))();
      told += 1;
      telling.catch(() => {
        refused += 1;
        const tookMs = performance.now() - calledAt;
        if (tookMs < atOnceMs && refusalMs.length < samples) refusalMs.push(tookMs);
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  context.mark("told");
  const recovered = await recovers(() => caller.tell(-1));
  await bounded(caller.close());
  return { told, refused, refusalMs, recovered };
};

async function recovers(tell: () => Promise<void>): Promise<boolean> {
  const end = performance.now() + recoveryMs;
  while (performance.now() < end) {
    try {
      await tell();
      return true;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return false;
}
