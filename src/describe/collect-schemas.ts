import type { StandardSchema } from "../contract/standard-schema.ts";
import { convertValibot } from "./convert-valibot.ts";
import { pascalCase } from "./identifiers.ts";
import type { JsonSchema } from "./json.ts";
import type { SchemaTarget } from "./schema-target.ts";
import { moveReferences, type StandardJsonSchema, standardJsonSchema } from "./standard-json-schema.ts";
import { uniqueNames } from "./unique-names.ts";
import { isValibotSchema, type ValibotSchema } from "./valibot-schema.ts";
import { commentOn } from "./wire-actions.ts";
import { nothing, type SharedSchema, WireSchemas } from "./wire-schemas.ts";

/** The schemas of a document by name. */
export type SchemaComponents = Readonly<Record<string, JsonSchema>>;

/** Says that the validator of a schema cannot tell what it takes. */
export function undescribed(schema: StandardSchema, { exact = false }: Partial<SchemaTarget> = {}): JsonSchema {
  const vendor = String(schema["~standard"].vendor).slice(0, 64);
  if (exact) return { $comment: commentOn(`a schema of "${vendor}"`) };
  return { description: `Checked by a schema of "${vendor}", which has no JSON Schema.` };
}

/**
 * Writes what travels by each schema, its input, as JSON Schema. What schemas have in common by a title, and what stands
 * in itself, becomes a component of its own. A schema by which nothing travels gives none.
 */
export function collectSchemas(
  roots: ReadonlyMap<string, StandardSchema>,
  target: SchemaTarget,
  taken: Iterable<string> = [],
): SchemaComponents {
  const wire = new WireSchemas();
  const valibot = new Map<string, ValibotSchema>();
  const standard = new Map<string, StandardJsonSchema>();
  for (const [name, schema] of roots) {
    if (isValibotSchema(schema)) {
      const copy = wire.root(name, schema);
      if (copy !== nothing) valibot.set(name, copy);
    } else {
      standard.set(
        name,
        standardJsonSchema(schema, target) ?? { schema: undescribed(schema, target), definitions: new Map() },
      );
    }
  }
  const shared = wire.shared();
  const names = nameParts(valibot, shared, standard, [...taken, ...roots.keys()]);
  return {
    ...convertValibot({ ...rootsOf(valibot, names), ...sharedByName(shared, names) }, target),
    ...convertStandard(standard, names, target),
  };
}

/** Names what stands apart: a schema that is no root itself, and what a schema of another library refers to. */
function nameParts(
  valibot: ReadonlyMap<string, ValibotSchema>,
  shared: ReadonlyMap<ValibotSchema, SharedSchema>,
  standard: ReadonlyMap<string, StandardJsonSchema>,
  taken: readonly string[],
): ReadonlyMap<unknown, string> {
  const rootNames = new Map([...valibot].map(([name, copy]) => [copy, name]));
  const wishes = new Map<unknown, [string, ...string[]]>();
  const own = new Map<unknown, string>();
  for (const [schema, { title, root }] of shared) {
    const name = rootNames.get(schema);
    if (title !== undefined) wishes.set(schema, [pascalCase(title)]);
    else if (name === undefined) wishes.set(schema, [`${root}Part`]);
    else own.set(schema, name);
  }
  for (const [root, { definitions }] of standard) {
    for (const [key, schema] of definitions) wishes.set(schema, [`${root}${pascalCase(key)}`]);
  }
  return new Map([...own, ...uniqueNames(wishes, taken)]);
}

/** A root that stands apart under another name is but a reference to it. */
function rootsOf(
  valibot: ReadonlyMap<string, ValibotSchema>,
  names: ReadonlyMap<unknown, string>,
): Record<string, ValibotSchema> {
  const roots = [...valibot].filter(([name, copy]) => names.get(copy) !== name);
  return Object.fromEntries(roots.map(([name, wrapped]) => [name, { kind: "schema", type: "optional", wrapped }]));
}

function sharedByName(
  shared: ReadonlyMap<ValibotSchema, unknown>,
  names: ReadonlyMap<unknown, string>,
): Record<string, ValibotSchema> {
  return Object.fromEntries([...shared.keys()].map((schema) => [names.get(schema)!, schema]));
}

function convertStandard(
  standard: ReadonlyMap<string, StandardJsonSchema>,
  names: ReadonlyMap<unknown, string>,
  target: SchemaTarget,
): Record<string, JsonSchema> {
  const converted: Record<string, JsonSchema> = {};
  for (const [root, { schema, definitions }] of standard) {
    const keys = new Map([...definitions].map(([key, definition]) => [key, names.get(definition)!]));
    const move = (part: JsonSchema): JsonSchema => moveReferences(part, root, keys, target.prefix);
    converted[root] = move(schema);
    for (const [key, definition] of definitions) converted[keys.get(key)!] = move(definition);
  }
  return converted;
}
