const firstStepMs = 50;
const longestMs = 2_000;

/**
 * How long to wait before the next attempt, in milliseconds: none before the first, then up to 50 ms, doubled each
 * time up to 2 s, with full jitter so that a thousand clients do not come back in one moment (ADR-40).
 *
 * @param attempt counts from 0
 * @param random between 0 and 1
 */
export function reconnectDelayMs(attempt: number, random: number): number {
  if (attempt === 0) return 0;
  const ceiling = Math.min(longestMs, firstStepMs * 2 ** Math.min(attempt - 1, 16));
  // Never quite nothing: a broker that refuses at once must not be dialled in a tight loop.
  return Math.max(10, random * ceiling);
}
