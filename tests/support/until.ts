const lookEveryMs = 5;

/** Waits until looking gives something; rejects, naming what was waited for, when nothing came within the time. */
export async function until<Value>(
  what: string,
  look: () => Value | undefined | false | Promise<Value | undefined | false>,
  timeoutMs = 5_000,
): Promise<Value> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() > end) throw new Error(`Waited ${timeoutMs} ms in vain: ${what}`);
    await new Promise((settle) => setTimeout(settle, lookEveryMs));
  }
}
