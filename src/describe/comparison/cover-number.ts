import type { JsonSchema } from "../json.ts";
import { numbersOf } from "./numbers-of.ts";
import type { Refuse } from "./refusal.ts";
import type { SchemaForm } from "./schema-form.ts";

/** A bound, and whether the number itself is outside of it. */
interface Bound {
  readonly value: number;
  readonly isOpen: boolean;
}

/** Looks at what a schema wants of numbers. */
export function coverNumber({ types, parts }: SchemaForm, taken: JsonSchema, refuse: Refuse): void {
  const isWhole = !types.has("number");
  const least = strongest(parts, "minimum", "exclusiveMinimum", Math.max, isWhole ? 1 : 0);
  const most = strongest(parts, "maximum", "exclusiveMaximum", Math.min, isWhole ? -1 : 0);
  const { minimum, exclusiveMinimum, maximum, exclusiveMaximum, multipleOf } = taken;
  if (typeof minimum === "number" && least.value < minimum) {
    refuse(`may be ${below(least)}, at least ${minimum} is wanted`);
  }
  if (typeof maximum === "number" && most.value > maximum) refuse(`may be ${above(most)}, at most ${maximum} is taken`);
  if (
    typeof exclusiveMinimum === "number" &&
    (least.value < exclusiveMinimum || (least.value === exclusiveMinimum && !least.isOpen))
  ) refuse(`may be ${below(least)}, more than ${exclusiveMinimum} is wanted`);
  if (
    typeof exclusiveMaximum === "number" &&
    (most.value > exclusiveMaximum || (most.value === exclusiveMaximum && !most.isOpen))
  ) refuse(`may be ${above(most)}, less than ${exclusiveMaximum} is taken`);
  if (typeof multipleOf === "number") {
    const steps = [...numbersOf(parts, "multipleOf"), ...isWhole ? [1] : []];
    if (!steps.some((step) => Number.isInteger(step / multipleOf))) {
      refuse(`may be no multiple of ${multipleOf}`);
    }
  }
}

function strongest(
  parts: readonly JsonSchema[],
  inclusive: string,
  exclusive: string,
  pick: (...values: number[]) => number,
  step: number,
): Bound {
  const unbounded = pick(Infinity, -Infinity) === Infinity ? -Infinity : Infinity;
  const closed = pick(unbounded, ...numbersOf(parts, inclusive));
  const open = pick(unbounded, ...numbersOf(parts, exclusive));
  const isOpen = pick(closed, open) === open && open !== unbounded;
  if (!isOpen) return { value: closed, isOpen: false };
  // Of whole numbers there is a first one after the bound.
  return step !== 0 && Number.isInteger(open)
    ? { value: pick(closed, open + step), isOpen: false }
    : { value: open, isOpen };
}

function below({ value, isOpen }: Bound): string {
  if (value === -Infinity) return "as low as one likes";
  return isOpen ? `as low as just over ${value}` : `as low as ${value}`;
}

function above({ value, isOpen }: Bound): string {
  if (value === Infinity) return "as high as one likes";
  return isOpen ? `as high as just under ${value}` : `as high as ${value}`;
}
