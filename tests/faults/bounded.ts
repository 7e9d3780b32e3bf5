const limitMs = 3_000;

/** Waits for something to end, or gives up: a contender may never end. Never rejects. */
export async function bounded(ending: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<void>((resolve) => timer = setTimeout(resolve, limitMs));
  await Promise.race([ending.catch(() => {}), limit]);
  clearTimeout(timer);
}
