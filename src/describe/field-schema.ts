import type { SchemaComponents } from "./collect-schemas.ts";
import { isJsonObject, type JsonSchema } from "./json.ts";
import { componentPrefix } from "./schema-target.ts";

/** Keywords that a subject parameter can show of its field. */
const shownKeywords = ["type", "enum", "const", "format", "pattern", "description"];

/** What a field of an object is, as far as its schema shows it without a condition; empty where it does not. */
export function fieldSchema(components: SchemaComponents, schema: JsonSchema | undefined, field: string): JsonSchema {
  const object = resolve(components, schema);
  const properties = object?.["properties"];
  const found = isJsonObject(properties) && Object.hasOwn(properties, field) ? properties[field] : undefined;
  const own = resolve(components, isJsonObject(found) ? found : undefined) ?? {};
  return Object.fromEntries(Object.entries(own).filter(([keyword]) => shownKeywords.includes(keyword)));
}

function resolve(components: SchemaComponents, schema: JsonSchema | undefined): JsonSchema | undefined {
  let found = schema;
  // A reference may lead to a reference, but not for ever.
  for (let step = 0; step < 8 && typeof found?.["$ref"] === "string"; step++) {
    found = components[found["$ref"].slice(componentPrefix.length)];
  }
  return found;
}
