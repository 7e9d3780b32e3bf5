import type { JsonType } from "./schema-form.ts";
import type { JsonValue } from "../json.ts";

const maximumLength = 48;
const maximumNamed = 4;
const typeNames: Readonly<Record<JsonType, string>> = {
  string: "a string",
  number: "a number",
  integer: "a whole number",
  boolean: "a boolean",
  null: "null",
  array: "a list",
  object: "an object",
};

/** Kinds of values, in words. */
export function nameTypes(types: Iterable<JsonType>): string {
  return [...types].map((type) => typeNames[type]).join(" or ");
}

/** Values, the first few of them. */
export function nameValues(values: readonly JsonValue[]): string {
  const named = values.slice(0, maximumNamed).map((value) => shorten(JSON.stringify(value)));
  const more = values.length - named.length;
  return more > 0 ? `${named.join(", ")} and ${more} more` : named.join(", ");
}

/** A text that fits in a sentence. */
export function shorten(text: string): string {
  return text.length > maximumLength ? `${text.slice(0, maximumLength)}…` : text;
}
