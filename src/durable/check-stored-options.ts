import type { EventOperation } from "../contract/contract.ts";
import { hasSubjectField } from "../contract/json-input.ts";
import { isToken } from "../contract/token.ts";
import type { AnyStoredOptions } from "./durable-options.ts";
import { startPosition } from "./start-position.ts";

/** Options that only a subscription with a durable name has. */
const durableOptions = ["concurrency", "maxAttempts", "backoffMs", "orderedBy", "ackWaitMs"];
/** Options of events that are not stored. */
const liveOptions = ["queueGroup", "queueLimit", "queueBytes", "overflow"];

/** Refuses options of a subscription to stored events that cannot work. @throws {TypeError} */
export function checkStoredOptions(operation: EventOperation, given: AnyStoredOptions): void {
  const options = given as Readonly<Record<string, unknown>>;
  const { durable, from = "new", backoffMs = [], orderedBy } = given;
  const wrong = durable === undefined ? [...durableOptions, ...liveOptions] : liveOptions;
  const misplaced = wrong.find((name) => options[name] !== undefined);
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
  if (orderedBy !== undefined && hasSubjectField(operation.schema, orderedBy) === false) {
    throw new TypeError(
      `Cannot use \`orderedBy\`: "${orderedBy.slice(0, 128)}" is not a string or number field of the event's schema`,
    );
  }
}

function checkNumber(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new TypeError(
    `Cannot use \`${name}\`: a whole number of at least ${least} is wanted, current value is ${String(value)}`,
  );
}
