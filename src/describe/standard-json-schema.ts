import type { StandardSchema } from "../contract/standard-schema.ts";
import { isJsonObject, type JsonSchema, toJson } from "./json.ts";
import type { SchemaTarget } from "./schema-target.ts";
import { walkSchema } from "./walk-schema.ts";

/** The Standard JSON Schema extension: a validator that writes its own JSON Schema. @see https://standardschema.dev */
interface JsonSchemaConverter {
  readonly input: (options: { readonly target: string }) => unknown;
}

/** A JSON Schema in parts: the schema, and what it refers to. */
export interface StandardJsonSchema {
  /** Still with references of its own. */
  readonly schema: JsonSchema;
  /** What it refers to, by the key it has there. */
  readonly definitions: ReadonlyMap<string, JsonSchema>;
}

/** Keywords that point elsewhere than to a place in the schema: these cannot be moved into a document. */
const anchors = ["$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveAnchor", "$recursiveRef"];

/** What a validator of any library says of its input; `undefined` where it has no JSON Schema. */
export function standardJsonSchema(schema: StandardSchema, target: SchemaTarget): StandardJsonSchema | undefined {
  const { jsonSchema } = schema["~standard"] as { readonly jsonSchema?: Partial<JsonSchemaConverter> };
  if (typeof jsonSchema?.input !== "function") return undefined;
  let given: unknown;
  try {
    given = toJson(jsonSchema.input({ target: target.draft }));
  } catch {
    // It says so by throwing.
    return undefined;
  }
  if (typeof given === "boolean") return { schema: given ? {} : { not: {} }, definitions: new Map() };
  if (!isJsonObject(given) || !canMove(given)) return undefined;
  const { $schema: _, $id: __, $defs, definitions, ...root } = given;
  const parts = [$defs, definitions].flatMap((map) => isJsonObject(map) ? Object.entries(map) : []);
  return { schema: root, definitions: new Map(parts.map(([key, part]) => [key, asSchema(part)])) };
}

/** The same schema, its references leading to where its parts now are. */
export function moveReferences(
  schema: JsonSchema,
  root: string,
  names: ReadonlyMap<string, string>,
  prefix: string,
): JsonSchema {
  return walkSchema(schema, (part) => {
    const { $ref } = part;
    if (typeof $ref !== "string") return part;
    const [, key, rest = ""] = /^#\/(?:\$defs|definitions)\/([^/]+)(\/.*)?$/.exec($ref) ?? [];
    const name = names.get(unescapePointer(key ?? "") ?? "");
    return { ...part, $ref: name === undefined ? `${prefix}${root}${$ref.slice(1)}` : `${prefix}${name}${rest}` };
  });
}

function canMove(schema: JsonSchema): boolean {
  let movable = true;
  walkSchema(schema, (part) => {
    const { $ref, $id } = part;
    const outside = typeof $ref === "string" && !leadsInside(schema, $ref);
    // The schema's own identifier is left out; one inside it would be what references count from.
    const inside = $id !== undefined && $id !== schema["$id"];
    if (outside || inside || anchors.some((anchor) => anchor in part)) movable = false;
    return part;
  });
  return movable;
}

function asSchema(part: unknown): JsonSchema {
  return isJsonObject(part) ? part : part === false ? { not: {} } : {};
}

/** Whether a reference leads to a place in the schema (RFC 6901). */
function leadsInside(schema: JsonSchema, reference: string): boolean {
  const [first, ...keys] = reference.split("/");
  if (first !== "#") return false;
  let place: unknown = schema;
  for (const key of keys) {
    if (typeof place !== "object" || place === null) return false;
    const name = unescapePointer(key);
    if (name === undefined || !Object.hasOwn(place, name)) return false;
    place = (place as Record<string, unknown>)[name];
  }
  return true;
}

function unescapePointer(key: string): string | undefined {
  try {
    return decodeURIComponent(key).replaceAll("~1", "/").replaceAll("~0", "~");
  } catch {
    return undefined;
  }
}
