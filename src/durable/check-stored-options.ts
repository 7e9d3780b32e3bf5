import type { EventOperation } from "../contract/contract.ts";
import { isToken } from "../contract/token.ts";
import { MessagingError } from "../errors/messaging-error.ts";
import type { AnyStoredOptions } from "./durable-options.ts";
import { startPosition } from "./start-position.ts";

/** Options that a subscription to stored events has and another one has not. */
const storedOptions = ["durable", "from", "maxAttempts", "backoffMs", "orderedBy", "ackWaitMs"];
/** Options that only a subscription with a durable name has, beside its own. */
const durableOptions = ["concurrency", ...storedOptions.slice(2)];
const liveOptions = ["queueGroup", "queueLimit", "queueBytes", "overflow"];

/**
 * Whether a subscription is to stored events.
 *
 * @throws {MessagingError} `INVALID_EVENT` where the event is not stored
 * @throws {TypeError} for options that cannot work
 */
export function isStoredSubscription(operation: EventOperation, given: AnyStoredOptions): boolean {
  const options = given as Readonly<Record<string, unknown>>;
  const find = (names: readonly string[]): string | undefined => names.find((name) => options[name] !== undefined);
  const asked = find(storedOptions);
  if (asked === undefined) return false;
  const { name } = operation;
  if (operation.durable === undefined) {
    throw new MessagingError("INVALID_EVENT", `Event "${name}" is not durable: \`${asked}\` is for one that is`, {
      operation: name,
    });
  }
  const { durable, from = "new", backoffMs = [] } = given;
  const misplaced = find(durable === undefined ? [...durableOptions, ...liveOptions] : liveOptions);
  if (misplaced !== undefined) {
    const which = durable === undefined ? "without `durable`" : "of stored events";
    throw new TypeError(`Cannot use \`${misplaced}\` in a subscription ${which}`);
  }
  if (durable !== undefined && !isToken(durable)) {
    throw new TypeError('Cannot use `durable`: 1 to 128 letters, digits, "_" or "-" are wanted');
  }
  startPosition(from);
  for (const option of ["concurrency", "maxAttempts"] as const) checkNumber(option, given[option] ?? 1, 1);
  checkNumber("ackWaitMs", given.ackWaitMs ?? 1_000, 100);
  for (const delayMs of backoffMs) checkNumber("backoffMs", delayMs, 0);
  return true;
}

function checkNumber(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new TypeError(
    `Cannot use \`${name}\`: a whole number of at least ${least} is wanted, current value is ${String(value)}`,
  );
}
