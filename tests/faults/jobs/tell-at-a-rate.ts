import { bounded } from "../bounded.ts";
import type { OperationRecord } from "../history.ts";
import { atARate } from "./at-a-rate.ts";
import type { Job, JobChoice } from "./job.ts";
import { Recorder } from "./recorder.ts";

/** What to tell, and how fast. */
export interface TellChoice extends JobChoice {
  readonly events: number;
  readonly perSecond: number;
  /** When a promise of a told event has to be settled. */
  readonly timeoutMs: number;
}

/** What was told and what was heard of it. */
export interface ToldAndHeard {
  readonly records: readonly OperationRecord[];
  readonly heard: readonly number[];
}

// The last ones are on their way when the last promise settles.
const quietMs = 500;

/**
 * Tells so many events in each second and hears them over the same connection: whatever is told after an outage meets
 * a listener that is back.
 */
export const tellAtARate: Job<TellChoice, ToldAndHeard> = async (choice, context) => {
  const { where, events, perSecond, timeoutMs } = choice;
  const caller = await context.contender.openCaller(where);
  const recorder = new Recorder(context.contender);
  const heard = new Set<number>();
  let heardAt = performance.now();
  await caller.hear((number) => {
    heard.add(number);
    heardAt = performance.now();
  });
  context.mark("open");
  await atARate(events, perSecond, (number) => {
    void recorder.record(String(number), timeoutMs, () => caller.tell(number));
  });
  const records = await recorder.finish();
  while (performance.now() < heardAt + quietMs) await new Promise((resolve) => setTimeout(resolve, 20));
  await bounded(caller.close());
  return { records, heard: [...heard] };
};
