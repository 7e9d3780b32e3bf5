import { isJsonObject, type JsonSchema, type JsonValue } from "../json.ts";

/** A kind of value in JSON Schema. `integer` is a part of `number`. */
export type JsonType = "string" | "number" | "integer" | "boolean" | "null" | "array" | "object";

/**
 * One form that a value may have: all that must hold at once, without alternatives. A schema is a list of forms, of which
 * a value has at least one.
 */
export interface SchemaForm {
  /** What kinds of values. */
  readonly types: ReadonlySet<JsonType>;
  /** The values themselves, where they can be counted. */
  readonly values: readonly JsonValue[] | undefined;
  /** Schemas whose keywords all hold; none of them has alternatives or references. */
  readonly parts: readonly JsonSchema[];
}

/** Every kind of value, numbers once. */
export const everyType: readonly JsonType[] = ["string", "number", "boolean", "null", "array", "object"];

/** The kind of a value. */
export function typeOf(value: JsonValue): JsonType {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value as JsonType;
}

/** Whether a value is of one of these kinds. */
export function hasType(value: JsonValue, types: ReadonlySet<JsonType>): boolean {
  const type = typeOf(value);
  return types.has(type) || (type === "integer" && types.has("number"));
}

/** Whether two values of JSON are the same. */
export function sameValue(one: JsonValue | undefined, other: JsonValue | undefined): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((value, index) => sameValue(value, other[index]));
  }
  if (!isJsonObject(one) || !isJsonObject(other)) return false;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && sameValue(one[name], other[name]));
}
