/** Lets time pass: the experiments hurt what they test by a schedule. */
export function pauseMs(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
