import type { Job, JobChoice } from "./job.ts";
import { Recorder } from "./recorder.ts";

/** How many requests are in flight. */
export interface CloseChoice extends JobChoice {
  readonly requests: number;
}

/** How long it took. */
export interface CloseResult {
  /** From the call of `close` to the last of the requests; `null` where one had not settled in the end. */
  readonly settledMs: number | null;
  /** From the call of `close` to its own end; `null` where it had not come. */
  readonly closedMs: number | null;
  /** What the requests ended with. */
  readonly codes: Readonly<Record<string, number>>;
}

const limitMs = 8_000;
const neverMs = 60_000;

/** Closes while requests wait that nobody answers. */
export const closeInFlight: Job<CloseChoice, CloseResult> = async ({ where, requests }, context) => {
  const caller = await context.contender.openCaller(where);
  const recorder = new Recorder(context.contender);
  const codes: Record<string, number> = {};
  const calls = Array.from({ length: requests }, async (_, number) => {
    const id = String(number);
    const options = { timeoutMs: neverMs, idempotent: false };
    const { ending, code } = await recorder.record(id, neverMs, () => caller.ask(id, options), id);
    const key = `${code ?? "ok"} ${ending}`;
    codes[key] = (codes[key] ?? 0) + 1;
  });
  context.mark("sent");
  await context.go();
  const start = performance.now();
  const since = async (promise: Promise<unknown>): Promise<number | null> => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const limit = new Promise<null>((resolve) => timer = setTimeout(() => resolve(null), limitMs));
    const ended = promise.then(() => performance.now() - start, () => performance.now() - start);
    const outcome = await Promise.race([ended, limit]);
    clearTimeout(timer);
    return outcome;
  };
  const [closedMs, settledMs] = await Promise.all([since(caller.close()), since(Promise.all(calls))]);
  return { closedMs, settledMs, codes };
};
