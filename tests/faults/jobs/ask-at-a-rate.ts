import { bounded } from "../bounded.ts";
import type { OperationRecord } from "../history.ts";
import { atARate } from "./at-a-rate.ts";
import type { Job, JobChoice } from "./job.ts";
import { Recorder } from "./recorder.ts";

/** What to ask, and how fast. */
export interface AskChoice extends JobChoice {
  readonly requests: number;
  readonly perSecond: number;
  readonly timeoutMs: number;
  readonly idempotent: boolean;
  /** Keeps the ids of several jobs apart. @default "" */
  readonly prefix?: string;
}

/** Asks so often in each second, however the requests before are doing, and gives how each ended. */
export const askAtARate: Job<AskChoice, { records: readonly OperationRecord[] }> = async (choice, context) => {
  const { where, requests, perSecond, timeoutMs, idempotent, prefix = "" } = choice;
  const caller = await context.contender.openCaller(where);
  const recorder = new Recorder(context.contender);
  context.mark("open");
  await atARate(requests, perSecond, (number) => {
    const id = `${prefix}${number}`;
    void recorder.record(id, timeoutMs, () => caller.ask(id, { timeoutMs, idempotent }), id);
  });
  const records = await recorder.finish();
  await bounded(caller.close());
  return { records };
};
