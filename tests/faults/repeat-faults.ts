import { pauseMs } from "./pause-ms.ts";

/** When to hurt. */
export interface Schedule {
  /** The time between two faults. */
  readonly everyMs: number;
  /** No fault begins later than this; what is still at work has its peace then. */
  readonly forMs: number;
}

/** Hurts again and again while the work goes on, and gives what the work gives; `hurt` is never left in its middle. */
export async function repeatFaults<Result>(
  work: Promise<Result>,
  { everyMs, forMs }: Schedule,
  hurt: () => Promise<void>,
): Promise<{ readonly result: Result; readonly times: number }> {
  const end = performance.now() + forMs;
  let times = 0;
  let failed = false;
  work.catch(() => failed = true);
  const hurting = (async () => {
    for (;;) {
      await pauseMs(everyMs);
      if (failed || performance.now() > end) return;
      await hurt();
      times += 1;
    }
  })();
  const [result] = await Promise.all([work, hurting]);
  return { result, times };
}
