import { isMessagingError } from "../errors/messaging-error.ts";
import type { Clock } from "../transport/clock.ts";
import { randomFraction } from "../transport/reconnect-delay.ts";

const firstMs = 100;
const longestMs = 30_000;
/** A handler that says how long to wait is believed up to an hour. */
const longestAskedMs = 3_600_000;

/**
 * How long an event that failed waits for its next attempt, in milliseconds: as the list says and up to a fifth longer,
 * or 100 doubled each time up to 30000, of which at least half; no less than an error's own `retryAfterMs`.
 *
 * @param attempt the one that failed, from 1
 */
export function retryDelayMs(
  attempt: number,
  backoffMs: readonly number[] | undefined,
  error: unknown,
  clock: Clock,
): number {
  const asked = isMessagingError(error) ? error.retryAfterMs ?? 0 : 0;
  const listed = backoffMs?.[Math.min(attempt, backoffMs.length) - 1];
  const delayMs = listed === undefined
    ? Math.min(longestMs, firstMs * 2 ** Math.min(attempt - 1, 16)) * (0.5 + randomFraction(clock) / 2)
    : listed * (1 + randomFraction(clock) / 5);
  return Math.max(delayMs, Math.min(asked, longestAskedMs));
}
