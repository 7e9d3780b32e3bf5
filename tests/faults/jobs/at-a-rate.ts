const tickMs = 1;

/** Does so many things, so many of them in each second; what the event loop was late for is done at once. */
export async function atARate(times: number, perSecond: number, run: (number: number) => void): Promise<void> {
  const start = performance.now();
  for (let number = 0; number < times;) {
    const due = Math.min(times, Math.floor((performance.now() - start) * perSecond / 1_000) + 1);
    while (number < due) run(number++);
    if (number < times) await new Promise((resolve) => setTimeout(resolve, tickMs));
  }
}
