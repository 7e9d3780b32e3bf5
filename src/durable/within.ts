import type { Clock } from "../transport/clock.ts";
import { pause } from "../transport/pause.ts";

/** Resolves when the work has ended or the time is over. `work` never rejects. */
export async function within(work: Promise<void>, timeMs: number, clock: Clock): Promise<void> {
  const ended = new AbortController();
  await Promise.race([work.then(() => ended.abort()), pause(clock, timeMs, ended.signal)]);
}
