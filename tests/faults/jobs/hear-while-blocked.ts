import { bounded } from "../bounded.ts";
import type { OperationRecord } from "../history.ts";
import type { Job, JobChoice } from "./job.ts";
import { Recorder } from "./recorder.ts";

/** How long the event loop stands still. */
export interface BlockedChoice extends JobChoice {
  readonly blockMs: number;
  /** How many requests are asked just before. */
  readonly requests: number;
  /** Only numbers from here on are counted. @default 0 */
  readonly from?: number;
}

/** What was heard, and what was told about the rest. */
export interface BlockedResult {
  readonly heard: number;
  /** How often it was told that events may be missing. */
  readonly gapsTold: number;
  readonly records: readonly OperationRecord[];
}

const mostEvents = 1_000_000;
const timeoutMs = 5_000;
const quietMs = 1_500;
const patienceMs = 15_000;

/** The event that ends the hearing, for a count that begins at this number. */
export function lastNumber(from: number): number {
  return -from - 1;
}

/** Hears events while its event loop stands still for a long time. */
export const hearWhileBlocked: Job<BlockedChoice, BlockedResult> = async (choice, context) => {
  const { where, blockMs, requests, from = 0 } = choice;
  const caller = await context.contender.openCaller(where);
  const heard = new Set<number>();
  let gapsTold = 0;
  let last = false;
  let heardAt = performance.now();
  await caller.hear((number) => {
    heardAt = performance.now();
    if (number === lastNumber(from)) last = true;
    else if (number >= from && number < from + mostEvents) heard.add(number);
  }, { onGap: () => gapsTold += 1 });
  context.mark("hearing");
  await context.go();
  const recorder = new Recorder(context.contender);
  for (let number = 0; number < requests; number++) {
    const id = String(number);
    void recorder.record(id, timeoutMs, () => caller.ask(id, { timeoutMs, idempotent: true }), id);
  }
  // One turn for the requests to leave.
  await new Promise((resolve) => setTimeout(resolve, 5));
  context.mark("blocking");
  await new Promise((resolve) => setTimeout(resolve, 5));
  const end = performance.now() + blockMs;
  while (performance.now() < end);
  const records = await recorder.finish();
  context.mark("awake");
  const lastCall = performance.now() + patienceMs;
  while ((!last || performance.now() < heardAt + quietMs) && performance.now() < lastCall) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await bounded(caller.close());
  return { heard: heard.size, gapsTold, records };
};
