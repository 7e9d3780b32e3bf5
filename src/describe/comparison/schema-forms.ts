import { TooMuchEffort } from "./effort.ts";
import { areExclusive } from "./exclusive-options.ts";
import { isJsonObject, type JsonSchema, type JsonValue } from "../json.ts";
import { everyType, hasType, type JsonType, sameValue, type SchemaForm } from "./schema-form.ts";

/** Follows a reference of a description. */
export type Resolve = (reference: string) => JsonSchema | undefined;

const maximumForms = 256;
const maximumNesting = 32;
/** Keywords that tell people something and decide nothing. */
const silentKeywords = new Set([
  "$id",
  "$schema",
  "contentMediaType",
  "default",
  "deprecated",
  "description",
  "examples",
  "readOnly",
  "title",
  "writeOnly",
]);
const any: SchemaForm = { types: new Set(everyType), values: undefined, parts: [] };

/** Tells a keyword that decides what a schema takes. */
export function decides(keyword: string): boolean {
  return !silentKeywords.has(keyword) && !keyword.startsWith("x-");
}

/** `true` and `false` are schemas too. */
export function asSchema(value: JsonValue | undefined): JsonSchema {
  if (isJsonObject(value)) return value;
  return value === false ? { not: {} } : {};
}

/** Several schemas that must all hold, as one. */
export function allOf(schemas: readonly JsonSchema[]): JsonSchema {
  return schemas.length === 1 ? schemas[0]! : { allOf: schemas };
}

/** The forms of a schema. @throws {TooMuchEffort} */
export function formsOf(schema: JsonSchema, resolve: Resolve, nesting = 0): readonly SchemaForm[] {
  if (nesting > maximumNesting) throw new TooMuchEffort();
  const { $ref, allOf: all, anyOf, oneOf, type, enum: values, const: value, ...rest } = schema;
  const inner = (part: JsonValue): readonly SchemaForm[] => formsOf(asSchema(part), resolve, nesting + 1);
  let forms: readonly SchemaForm[] = [ownForm(type, Object.hasOwn(schema, "const") ? [value!] : values, rest)];
  if (typeof $ref === "string") {
    const target = resolve($ref);
    // A reference that leads nowhere takes nothing away that could be judged.
    forms = product(forms, target === undefined ? [{ ...any, parts: [{ $ref }] }] : inner(target));
  }
  for (const part of Array.isArray(all) ? all : []) forms = product(forms, inner(part));
  if (Array.isArray(anyOf)) forms = product(forms, anyOf.flatMap(inner));
  if (Array.isArray(oneOf)) {
    const options = oneOf.map(inner);
    forms = product(forms, options.flat());
    // A value that has two of them has none: that cannot be said of each form alone.
    if (!areExclusive(options, inner)) forms = product(forms, [{ ...any, parts: [{ oneOf }] }]);
  }
  return forms.filter(isPossible);
}

function ownForm(type: JsonValue | undefined, values: JsonValue | undefined, rest: JsonSchema): SchemaForm {
  const types = typeof type === "string" ? [type] : Array.isArray(type) ? type : everyType;
  const part = Object.fromEntries(Object.entries(rest).filter(([keyword]) => decides(keyword)));
  const form: SchemaForm = {
    types: new Set(types as JsonType[]),
    values: Array.isArray(values) ? values : undefined,
    parts: Object.keys(part).length === 0 ? [] : [part],
  };
  return countable(form);
}

/** There are two booleans and one `null`. */
export function countable(form: SchemaForm): SchemaForm {
  if (form.values !== undefined) return { ...form, values: form.values.filter((value) => hasType(value, form.types)) };
  if (![...form.types].every((type) => type === "boolean" || type === "null")) return form;
  const values = [true, false, null].filter((value) => hasType(value, form.types));
  return { ...form, values };
}

function product(left: readonly SchemaForm[], right: readonly SchemaForm[]): readonly SchemaForm[] {
  if (left.length * right.length > maximumForms) throw new TooMuchEffort();
  return left.flatMap((one) => right.map((other) => both(one, other))).filter(isPossible);
}

function both(one: SchemaForm, other: SchemaForm): SchemaForm {
  const types = new Set([...one.types, ...other.types].filter((type) => within(type, one) && within(type, other)));
  if (types.has("number")) types.delete("integer");
  const values = one.values === undefined || other.values === undefined
    ? one.values ?? other.values
    : one.values.filter((value) => other.values!.some((candidate) => sameValue(value, candidate)));
  return countable({ types, values, parts: [...one.parts, ...other.parts] });
}

function within(type: JsonType, { types }: SchemaForm): boolean {
  return types.has(type) || (type === "integer" && types.has("number"));
}

function isPossible({ types, values, parts }: SchemaForm): boolean {
  return types.size > 0 && values?.length !== 0 && !parts.some(({ not }) => not !== undefined && takesAll(not));
}

function takesAll(schema: JsonValue): boolean {
  return schema === true || (isJsonObject(schema) && !Object.keys(schema).some(decides));
}
