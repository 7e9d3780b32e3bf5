import * as v from "valibot";
import type { SeededRandom } from "../support/seeded-random.ts";

type Schema = v.GenericSchema<unknown>;

const leaves: readonly ((random: SeededRandom) => Schema)[] = [
  (random) => v.pipe(v.string(), v.minLength(random.below(4)), v.maxLength(4 + random.below(20))),
  (random) => v.pipe(v.string(), v.regex(random.pick(patterns))),
  (random) => v.pipe(v.string(), random.pick([v.uuid(), v.email(), v.isoDate(), v.url(), v.ipv4(), v.isoTimestamp()])),
  (random) => v.pipe(v.string(), v.startsWith(`${random.below(9)}-`), v.minLength(3)),
  (random) => v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(5 + random.below(9))),
  () => v.string(),
  () => v.number(),
  (random) => v.pipe(v.number(), v.integer(), v.minValue(random.below(9) - 4), v.maxValue(5 + random.below(1_000))),
  (random) => v.pipe(v.number(), v.gtValue(random.below(5)), v.ltValue(6 + random.below(5))),
  (random) => v.pipe(v.number(), v.multipleOf(random.pick([2, 5, 0.5, 100])), v.maxValue(10_000)),
  () => v.boolean(),
  (random) => v.literal(random.pick(["on", 0, true])),
  (random) => v.picklist(random.pick([["a", "b"], ["x"], [1, 2, 3]])),
];

const patterns = [
  /^[A-Z]{2,3}-\d{4}$/,
  /^(?:red|green|blue)(?:-(?:light|dark))?$/u,
  /^\+?[1-9]\d{1,14}$/,
  /^#[0-9a-f]{6}$/i,
  /^(?<year>\d{4})-(?<part>Q[1-4])\/\k<year>$/,
  /^\p{Lu}\p{Ll}+(?: \p{Lu}\p{Ll}+){0,2}$/u,
  /^[^\s@]+@[^\s@]+$/,
  /^(\w)(\w)\2\1$/,
];

/** A Valibot schema that is put together at random, at most some levels deep. */
export function randomSchema(random: SeededRandom, depth = 3): Schema {
  if (depth === 0 || random.below(5) === 0) return random.pick(leaves)(random);
  const inner = (): Schema => randomSchema(random, depth - 1);
  const entries = (): Record<string, Schema> => {
    const names = ["id", "name", "size", "more"].slice(0, 1 + random.below(4));
    return Object.fromEntries(names.map((name) => [name, field(inner(), random)]));
  };
  switch (random.below(9)) {
    case 0:
      return v.pipe(v.array(inner()), v.minLength(random.below(3)), v.maxLength(3 + random.below(4)));
    case 1:
      return v.strictObject(entries());
    case 2:
      return v.record(v.pipe(v.string(), v.regex(/^[a-z]{1,4}$/)), inner());
    case 3:
      return v.tuple([inner(), inner()]);
    case 4:
      return v.union([inner(), inner()]);
    case 5:
      return v.variant("kind", [
        v.object({ kind: v.literal("one"), value: inner() }),
        v.object({ kind: v.literal("other"), ...entries() }),
      ]);
    case 6:
      return v.objectWithRest(entries(), inner());
    default:
      return v.object(entries());
  }
}

function field(schema: Schema, random: SeededRandom): Schema {
  return random.pick([schema, schema, v.optional(schema), v.nullable(schema), v.nullish(schema)]);
}
