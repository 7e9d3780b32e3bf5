import { isJsonObject, type JsonSchema } from "../json.ts";
import { asSchema, type Resolve } from "./schema-forms.ts";

const maximumNesting = 12;
const maximumSteps = 5_000;

/** The places of every field that a schema names, such as `.lines[].sku`. */
export function fieldPaths(schema: JsonSchema, resolve: Resolve): ReadonlySet<string> {
  const paths = new Set<string>();
  let steps = 0;
  const walk = (part: JsonSchema, path: string, above: readonly string[]): void => {
    if (above.length > maximumNesting || ++steps > maximumSteps) return;
    const { $ref, properties, items, prefixItems, allOf, anyOf, oneOf } = part;
    if (typeof $ref === "string" && !above.includes($ref)) walk(resolve($ref) ?? {}, path, [...above, $ref]);
    for (const options of [allOf, anyOf, oneOf]) {
      for (const option of Array.isArray(options) ? options : []) walk(asSchema(option), path, [...above, ""]);
    }
    for (const [name, field] of Object.entries(isJsonObject(properties) ? properties : {})) {
      paths.add(`${path}.${name}`);
      walk(asSchema(field), `${path}.${name}`, [...above, ""]);
    }
    if (isJsonObject(items)) walk(items, `${path}[]`, [...above, ""]);
    for (const [index, item] of (Array.isArray(prefixItems) ? prefixItems : []).entries()) {
      walk(asSchema(item), `${path}[${index}]`, [...above, ""]);
    }
  };
  walk(schema, "", []);
  return paths;
}
