import { pauseMs } from "./pause-ms.ts";

/** Hurts again and again, and gives what the work gives; `hurt` is never left in its middle. */
export async function repeatFaults<Result>(
  work: Promise<Result>,
  everyMs: number,
  hurt: () => Promise<void>,
): Promise<{ readonly result: Result; readonly times: number }> {
  let times = 0;
  let ended = false;
  const watched = work.finally(() => ended = true);
  watched.catch(() => {});
  const hurting = (async () => {
    for (;;) {
      await Promise.race([pauseMs(everyMs), watched.catch(() => {})]);
      if (ended) return;
      await hurt();
      times += 1;
    }
  })();
  const [result] = await Promise.all([watched, hurting]);
  return { result, times };
}
