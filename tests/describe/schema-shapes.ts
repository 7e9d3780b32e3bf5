import fc from "fast-check";
import * as v from "valibot";

/** A schema as plain data, so that it can be changed a little. */
export type SchemaShape =
  | { readonly kind: "string"; readonly min?: number; readonly max?: number }
  | { readonly kind: "number"; readonly min?: number; readonly max?: number; readonly whole: boolean }
  | { readonly kind: "boolean" | "null" }
  | { readonly kind: "choice"; readonly values: readonly (string | number)[] }
  | { readonly kind: "list"; readonly item: SchemaShape; readonly min?: number; readonly max?: number }
  | { readonly kind: "pair"; readonly items: readonly SchemaShape[] }
  | { readonly kind: "record"; readonly value: SchemaShape }
  | { readonly kind: "union"; readonly options: readonly SchemaShape[] }
  | ObjectShape;

/** An object as plain data. */
export interface ObjectShape {
  readonly kind: "object";
  /** What becomes of fields that it does not name. */
  readonly others: "dropped" | "refused" | "kept";
  readonly fields: Readonly<Record<string, { readonly shape: SchemaShape; readonly optional: boolean }>>;
}

const fieldNames = ["a", "b", "c"];
/** A field that only widened schemas have. */
const newField = "new";
const choices = ["x", "yy", "zzz", 1, 2];

/** Any shape. */
export const schemaShapes: fc.Arbitrary<SchemaShape> = fc.letrec<{ shape: SchemaShape }>((tie) => ({
  shape: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.record({ kind: fc.constant("string" as const), min: fc.nat(2), max: fc.integer({ min: 2, max: 5 }) }, {
      requiredKeys: ["kind"],
    }),
    fc.record({
      kind: fc.constant("number" as const),
      min: fc.integer({ min: -2, max: 1 }),
      max: fc.integer({ min: 2, max: 5 }),
      whole: fc.boolean(),
    }, { requiredKeys: ["kind", "whole"] }),
    fc.constantFrom<SchemaShape>({ kind: "boolean" }, { kind: "null" }),
    fc.record({
      kind: fc.constant("choice" as const),
      values: fc.uniqueArray(fc.constantFrom(...choices), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant("list" as const), item: tie("shape"), min: fc.nat(1), max: fc.constant(3) }, {
      requiredKeys: ["kind", "item"],
    }),
    fc.record({
      kind: fc.constant("pair" as const),
      items: fc.array(tie("shape"), { minLength: 1, maxLength: 2 }),
    }),
    fc.record({ kind: fc.constant("record" as const), value: tie("shape") }),
    fc.record({
      kind: fc.constant("union" as const),
      options: fc.array(tie("shape"), { minLength: 2, maxLength: 3 }),
    }),
    fc.record({
      kind: fc.constant("object" as const),
      others: fc.constantFrom("dropped" as const, "refused" as const, "kept" as const),
      fields: fc.dictionary(
        fc.constantFrom(...fieldNames),
        fc.record({ shape: tie("shape"), optional: fc.boolean() }),
        { maxKeys: 3, noNullPrototype: true },
      ),
    }),
  ),
})).shape;

/** The schema that a shape stands for. */
export function schemaOf(shape: SchemaShape): v.GenericSchema {
  switch (shape.kind) {
    case "string":
      return piped(v.string(), [
        ...shape.min === undefined ? [] : [v.minLength(shape.min)],
        ...shape.max === undefined ? [] : [v.maxLength(shape.max)],
      ]);
    case "number":
      return piped(v.number(), [
        ...shape.min === undefined ? [] : [v.minValue(shape.min)],
        ...shape.max === undefined ? [] : [v.maxValue(shape.max)],
        ...shape.whole ? [v.integer()] : [],
      ]);
    case "boolean":
      return v.boolean();
    case "null":
      return v.null();
    case "choice":
      return v.picklist(shape.values);
    case "list":
      return piped(v.array(schemaOf(shape.item)), [
        ...shape.min === undefined ? [] : [v.minLength(shape.min)],
        ...shape.max === undefined ? [] : [v.maxLength(shape.max)],
      ]);
    case "pair":
      return v.strictTuple(shape.items.map(schemaOf) as never);
    case "record":
      return v.record(v.string(), schemaOf(shape.value));
    case "union":
      return v.union(shape.options.map(schemaOf));
    case "object": {
      const entries = Object.fromEntries(
        Object.entries(shape.fields).map(([name, { shape: field, optional }]) => [
          name,
          optional ? v.optional(schemaOf(field)) : schemaOf(field),
        ]),
      );
      if (shape.others === "dropped") return v.object(entries);
      return shape.others === "refused" ? v.strictObject(entries) : v.looseObject(entries);
    }
  }
}

function piped(schema: v.GenericSchema, actions: readonly unknown[]): v.GenericSchema {
  return actions.length === 0
    ? schema
    : (v.pipe as unknown as (...parts: unknown[]) => v.GenericSchema)(schema, ...actions);
}

/** Values that are sent by a shape: what its objects do not name is sent only where they keep it. */
export function valuesOf(shape: SchemaShape): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case "string":
      return fc.string({ minLength: shape.min ?? 0, maxLength: shape.max ?? 7, unit: fc.constantFrom("x", "y", "z") });
    case "number": {
      const bounds = { min: shape.min ?? -9, max: shape.max ?? 9 };
      return shape.whole ? fc.integer(bounds) : fc.oneof(fc.integer(bounds), fc.double({ ...bounds, noNaN: true }));
    }
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "choice":
      return fc.constantFrom(...shape.values);
    case "list":
      return fc.array(valuesOf(shape.item), { minLength: shape.min ?? 0, maxLength: shape.max ?? 4 });
    case "pair":
      return fc.tuple(...shape.items.map(valuesOf));
    case "record":
      return fc.dictionary(fc.constantFrom(...fieldNames, newField, "other"), valuesOf(shape.value), {
        noNullPrototype: true,
        maxKeys: 3,
      });
    case "union":
      return fc.oneof(...shape.options.map(valuesOf));
    case "object": {
      const fields = Object.entries(shape.fields);
      const named = fc.record(Object.fromEntries(fields.map(([name, field]) => [name, valuesOf(field.shape)])), {
        requiredKeys: fields.filter(([, { optional }]) => !optional).map(([name]) => name),
        noNullPrototype: true,
      });
      if (shape.others !== "kept") return named;
      const others = fc.dictionary(
        fc.constantFrom(...[...fieldNames, newField, "other"].filter((name) => !Object.hasOwn(shape.fields, name))),
        fc.constantFrom<unknown>(1, "x", null, {}),
        { noNullPrototype: true, maxKeys: 2 },
      );
      return fc.tuple(others, named).map(([more, own]) => ({ ...more, ...own }));
    }
  }
}

/** Gives numbers under a bound, one after the other, as a property was given them. */
export type Choose = (below: number) => number;

/** The choices that a list of numbers stands for. */
export function chooseBy(numbers: readonly number[]): Choose {
  let index = 0;
  return (below) => numbers[index++ % numbers.length]! % below;
}

/** A shape that takes all that another takes, and perhaps more. */
export function widen(shape: SchemaShape, choose: Choose): SchemaShape {
  if (choose(6) === 0) return { kind: "union", options: [shape, { kind: "null" }] };
  switch (shape.kind) {
    case "string":
    case "list":
    case "number": {
      const { min: _, ...unbounded } = shape;
      const item = shape.kind === "list" ? { item: widen(shape.item, choose) } : {};
      const whole = shape.kind === "number" ? { whole: shape.whole && choose(2) === 0 } : {};
      const loosened = choose(2) === 0 ? unbounded : shape;
      const max = loosened.max === undefined ? {} : { max: loosened.max + choose(2) };
      return { ...loosened, ...item, ...whole, ...max } as SchemaShape;
    }
    case "choice":
      return choose(3) === 0 ? { kind: "choice", values: [...new Set([...choices, ...shape.values])] } : shape;
    case "pair":
      return { ...shape, items: shape.items.map((item) => widen(item, choose)) };
    case "record":
      return { ...shape, value: widen(shape.value, choose) };
    case "union":
      return { ...shape, options: [...shape.options.map((option) => widen(option, choose))].reverse() };
    case "object":
      return choose(3) === 0 ? splitByChoice(shape) : widenObject(shape, choose);
    default:
      return shape;
  }
}

/** The same object as a union of those that it may be, by the values of a field. */
function splitByChoice(shape: ObjectShape): SchemaShape {
  const found = Object.entries(shape.fields).find(([, field]) => field.shape.kind === "choice" && !field.optional);
  if (found?.[1].shape.kind !== "choice") return shape;
  const [name, { shape: { values } }] = found as [string, { shape: { values: readonly (string | number)[] } }];
  const options = values.map((value): SchemaShape => ({
    ...shape,
    fields: { ...shape.fields, [name]: { shape: { kind: "choice", values: [value] }, optional: false } },
  }));
  return { kind: "union", options };
}

function widenObject({ others, fields }: ObjectShape, choose: Choose): ObjectShape {
  const widened = Object.fromEntries(
    Object.entries(fields).map(([name, { shape, optional }]) => [
      name,
      { shape: widen(shape, choose), optional: optional || choose(4) === 0 },
    ]),
  );
  // What a loose object keeps may be anything, so there a new field would take less.
  const added = others !== "kept" && choose(3) === 0
    ? { [newField]: { shape: { kind: "boolean" }, optional: true } }
    : {};
  return {
    kind: "object",
    others: others === "refused" && choose(3) === 0 ? "dropped" : others,
    fields: { ...widened, ...added } as ObjectShape["fields"],
  };
}

/** A shape a little beside another: wider or narrower or neither. */
export function beside(shape: SchemaShape, choose: Choose): SchemaShape {
  if (choose(12) === 0) return { kind: "string" };
  switch (shape.kind) {
    case "string":
    case "number":
      return choose(4) === 0 ? { ...shape, min: choose(3), max: 2 + choose(5) } : shape;
    case "choice":
      return choose(3) === 0 ? { kind: "choice", values: choices.slice(choose(4)) } : shape;
    case "list":
      return { ...shape, item: beside(shape.item, choose), ...choose(4) === 0 ? { min: choose(2), max: 4 } : {} };
    case "pair":
      return { ...shape, items: shape.items.map((item) => beside(item, choose)) };
    case "record":
      return { ...shape, value: beside(shape.value, choose) };
    case "union":
      return choose(4) === 0 ? beside(shape.options[0]!, choose) : {
        ...shape,
        options: shape.options.map((option) => beside(option, choose)),
      };
    case "object": {
      const fields = Object.entries(shape.fields).filter(() => choose(8) !== 0).map(([name, field]) => [
        name,
        { shape: beside(field.shape, choose), optional: choose(5) === 0 ? !field.optional : field.optional },
      ]);
      const others = (["dropped", "refused", "kept"] as const)[choose(12)] ?? shape.others;
      return { kind: "object", others, fields: Object.fromEntries(fields) };
    }
    default:
      return shape;
  }
}
