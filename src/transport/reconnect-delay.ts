import type { Clock } from "./clock.ts";

const firstStepMs = 50;
/** A peer that was restarted is back within seconds: until then nobody waits so long that it would miss it. */
const shortMs = 250;
const shortAttempts = 40;
const longestMs = 2_000;

/**
 * How long to wait before the next attempt, in milliseconds: none before the first, then up to 50 ms, doubled up to
 * 250 ms, and after 40 attempts, some five seconds, up to 2 s; with full jitter, so that a thousand clients do not come
 * back in one moment (ADR-40).
 *
 * @param attempt counts from 0
 */
export function reconnectDelayMs(attempt: number, clock: Clock): number {
  if (attempt === 0) return 0;
  const ceiling = attempt <= shortAttempts
    ? Math.min(shortMs, firstStepMs * 2 ** (attempt - 1))
    : Math.min(longestMs, shortMs * 2 ** Math.min(attempt - shortAttempts, 8));
  // Never quite nothing: a peer that refuses at once must not be dialled in a tight loop.
  return Math.max(10, randomFraction(clock) * ceiling);
}

/** A random number from 0 to 1. */
export function randomFraction(clock: Clock): number {
  const dice = new Uint8Array(1);
  clock.randomBytes(dice);
  return dice[0]! / 255;
}
