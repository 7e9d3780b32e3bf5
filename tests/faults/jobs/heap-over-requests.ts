import { bounded } from "../bounded.ts";
import { HeapMeter } from "../heap-meter.ts";
import type { Job, JobChoice } from "./job.ts";

/** How much. */
export interface HeapOverRequestsChoice extends JobChoice {
  readonly requests: number;
}

/** What stays. */
export interface HeapOverRequestsResult {
  readonly failed: number;
  readonly bytesForEach: number;
}

const atOnce = 100;
const samples = 12;
const timeoutMs = 20_000;

/** Asks again and again, and looks at the heap after a warm-up of a fifth. */
export const heapOverRequests: Job<HeapOverRequestsChoice, HeapOverRequestsResult> = async (choice, context) => {
  const { where, requests } = choice;
  const caller = await context.contender.openCaller(where);
  const meter = new HeapMeter();
  let failed = 0;
  const ask = async (times: number): Promise<void> => {
    for (let done = 0; done < times; done += atOnce) {
      const batch = Array.from({ length: atOnce }, () => caller.ask("?", { timeoutMs, idempotent: false }));
      for (const outcome of await Promise.allSettled(batch)) if (outcome.status === "rejected") failed += 1;
    }
  };
  await ask(requests / 5);
  const step = Math.ceil(requests * 4 / 5 / samples);
  for (let sample = 0; sample <= samples; sample++) {
    await meter.sample(sample * step);
    if (sample < samples) await ask(step);
  }
  await bounded(caller.close());
  return { failed, bytesForEach: meter.bytesForEach };
};
