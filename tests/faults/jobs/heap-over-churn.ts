import { bounded } from "../bounded.ts";
import type { Caller } from "../contender.ts";
import { HeapMeter } from "../heap-meter.ts";
import type { Job, JobChoice, JobContext } from "./job.ts";

/** What is begun and ended again and again. */
export type Churn = "subscribe" | "abort" | "connect" | "reconnect";

/** How often. */
export interface ChurnChoice extends JobChoice {
  readonly kind: Churn;
  readonly cycles: number;
}

/** What stays. */
export interface ChurnResult {
  readonly bytesForEach: number;
  /** Timers and sockets that the runtime knows of, at the end more than at the begin; 0 where it does not tell. */
  readonly resourcesLeft: number;
}

const samples = 10;
const timeoutMs = 20_000;

/** Does one thing and undoes it, many times; a request for "cut" makes the starter cut the connection. */
export const heapOverChurn: Job<ChurnChoice, ChurnResult> = async ({ where, kind, cycles }, context) => {
  const caller = await context.contender.openCaller(where);
  const cycle = cycleOf(kind, { where }, caller, context);
  const meter = new HeapMeter();
  const run = async (times: number): Promise<void> => {
    for (let time = 0; time < times; time++) await cycle();
  };
  await run(Math.ceil(cycles / 4));
  await answered(caller);
  const resourcesBefore = resources();
  context.mark("warm");
  const step = Math.ceil(cycles * 3 / 4 / samples);
  for (let sample = 0; sample <= samples; sample++) {
    await meter.sample(sample * step);
    if (sample < samples) await run(step);
  }
  await answered(caller);
  // A timer of the last cycle may have to run out.
  await new Promise((resolve) => setTimeout(resolve, 300));
  const resourcesLeft = resources() - resourcesBefore;
  context.mark("done");
  await bounded(caller.close());
  return { bytesForEach: meter.bytesForEach, resourcesLeft };
};

function cycleOf(kind: Churn, choice: JobChoice, caller: Caller, { contender }: JobContext): () => Promise<void> {
  switch (kind) {
    case "subscribe":
      return async () => {
        const unsubscribe = await caller.hear(() => {});
        await unsubscribe();
      };
    case "abort":
      return async () => {
        const abort = new AbortController();
        const asking = caller.ask("never", { timeoutMs, idempotent: false, signal: abort.signal }).catch(() => {});
        await new Promise((resolve) => setTimeout(resolve, 0));
        abort.abort();
        await asking;
      };
    case "connect":
      return async () => {
        const other = await contender.openCaller(choice.where);
        await other.close();
      };
    case "reconnect":
      return async () => {
        await caller.ask("cut", { timeoutMs: 1_000, idempotent: false }).catch(() => {});
        await answered(caller);
      };
  }
}

async function answered(caller: Caller): Promise<void> {
  for (;;) {
    const ok = await caller.ask("?", { timeoutMs: 1_000, idempotent: true }).then(() => true, () => false);
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function resources(): number {
  const { process } = globalThis as { process?: { getActiveResourcesInfo?: () => string[] } };
  return process?.getActiveResourcesInfo?.().length ?? 0;
}
