import { isJsonObject, type JsonSchema, type JsonValue } from "./json.ts";

/** Keywords with a schema, with several, and with schemas by name; what is under the others is data. */
const schemaKeywords = new Set([
  "additionalItems",
  "additionalProperties",
  "contains",
  "contentSchema",
  "else",
  "if",
  "items",
  "not",
  "propertyNames",
  "then",
  "unevaluatedItems",
  "unevaluatedProperties",
]);
const listKeywords = new Set(["allOf", "anyOf", "items", "oneOf", "prefixItems"]);
const mapKeywords = new Set([
  "$defs",
  "definitions",
  "dependencies",
  "dependentSchemas",
  "patternProperties",
  "properties",
]);

/** A schema made anew, from its innermost schemas outwards. */
export function walkSchema(schema: JsonSchema, visit: (schema: JsonSchema) => JsonSchema): JsonSchema {
  const step = (value: JsonValue): JsonValue => isJsonObject(value) ? walkSchema(value, visit) : value;
  const walked = Object.entries(schema).map(([keyword, value]) => {
    if (Array.isArray(value)) return [keyword, listKeywords.has(keyword) ? value.map(step) : value] as const;
    if (!isJsonObject(value)) return [keyword, value] as const;
    if (schemaKeywords.has(keyword)) return [keyword, step(value)] as const;
    if (!mapKeywords.has(keyword)) return [keyword, value] as const;
    return [keyword, Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, step(inner)]))] as const;
  });
  return visit(Object.fromEntries(walked));
}
