import type { Clock } from "./clock.ts";

const firstStepMs = 50;
const longestMs = 2_000;

/**
 * How long to wait before the next attempt, in milliseconds: none before the first, then up to 50 ms, doubled each
 * time up to 2 s, with full jitter so that a thousand clients do not come back in one moment (ADR-40).
 *
 * @param attempt counts from 0
 */
export function reconnectDelayMs(attempt: number, clock: Clock): number {
  if (attempt === 0) return 0;
  const ceiling = Math.min(longestMs, firstStepMs * 2 ** Math.min(attempt - 1, 16));
  // Never quite nothing: a peer that refuses at once must not be dialled in a tight loop.
  return Math.max(10, randomFraction(clock) * ceiling);
}

/** A random number from 0 to 1. */
export function randomFraction(clock: Clock): number {
  const dice = new Uint8Array(1);
  clock.randomBytes(dice);
  return dice[0]! / 255;
}
