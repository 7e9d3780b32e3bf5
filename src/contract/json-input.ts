import type { StandardSchema } from "./standard-schema.ts";

/** Valibot schema types whose input JSON cannot carry, and what to write instead. */
const withoutJsonForm: Readonly<Record<string, string>> = {
  bigint: "a string, then v.transform(BigInt)",
  blob: "a base64 string",
  date: "v.pipe(v.string(), v.isoTimestamp(), v.toDate()) or a number",
  file: "a base64 string",
  function: "data",
  instance: "a plain object",
  map: "v.record or an array of pairs",
  nan: "a number",
  promise: "the value",
  set: "v.array",
  symbol: "a string",
};

interface ValibotNode {
  readonly kind?: unknown;
  readonly type?: unknown;
  readonly wrapped?: unknown;
  readonly item?: unknown;
  readonly items?: readonly unknown[];
  readonly key?: unknown;
  readonly value?: unknown;
  readonly rest?: unknown;
  readonly options?: readonly unknown[];
  readonly literal?: unknown;
  readonly entries?: Readonly<Record<string, unknown>>;
}

/** What stands in the way of a schema's input travelling as JSON. */
export interface JsonObstacle {
  /** Where in the value. */
  readonly path: string;
  /** The schema type that JSON has no form for. */
  readonly type: string;
  /** What to write instead. */
  readonly instead: string;
}

/** Looks into a Valibot schema for input that JSON cannot carry; other validators cannot be looked into. */
export function findJsonObstacle(schema: StandardSchema): JsonObstacle | undefined {
  if (schema["~standard"].vendor !== "valibot") return undefined;
  return search(schema, "", new Set());
}

function search(candidate: unknown, path: string, seen: Set<unknown>): JsonObstacle | undefined {
  if (typeof candidate !== "object" || candidate === null || seen.has(candidate)) return undefined;
  seen.add(candidate);
  const found = searchNode(candidate, path, seen);
  // A union may have let it pass where it was met first; elsewhere it is still in the way.
  if (found !== undefined) seen.delete(candidate);
  return found;
}

function searchNode(node: ValibotNode, path: string, seen: Set<unknown>): JsonObstacle | undefined {
  if (node.kind !== "schema" || typeof node.type !== "string") return undefined;
  const instead = Object.hasOwn(withoutJsonForm, node.type) ? withoutJsonForm[node.type] : undefined;
  if (instead !== undefined) return { path, type: node.type, instead };
  for (const [name, entry] of Object.entries(node.entries ?? {})) {
    const found = search(entry, path === "" ? name : `${path}.${name}`, seen);
    if (found !== undefined) return found;
  }
  // A pipe carries the properties of its head, which alone is input; what follows it runs after decoding.
  const children = [node.wrapped, node.item, node.key, node.value, node.rest, ...node.items ?? []];
  for (const child of children) {
    const found = search(child, path, seen);
    if (found !== undefined) return found;
  }
  // A union works as long as one of its options does; an intersection or variant needs them all.
  if (node.type === "union") {
    const found = (node.options ?? []).map((option) => search(option, path, seen));
    return found.length > 0 && found.every((obstacle) => obstacle !== undefined) ? found[0] : undefined;
  }
  for (const option of Array.isArray(node.options) ? node.options : []) {
    const found = search(option, path, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Whether a schema's object has this field as a string or number, as far as a Valibot schema shows it.
 * `undefined` where the schema cannot be looked into.
 */
export function hasSubjectField(schema: StandardSchema, name: string): boolean | undefined {
  if (schema["~standard"].vendor !== "valibot") return undefined;
  const entries = objectEntries(schema);
  if (entries === undefined) return undefined;
  if (!Object.hasOwn(entries, name)) return false;
  return mayBeTextOrNumber(entries[name]);
}

/** Schema types that tell nothing of what they take: a field of theirs is believed. */
const openTypes = new Set([
  "any",
  "custom",
  "intersect",
  "lazy",
  "non_nullable",
  "non_nullish",
  "non_optional",
  "unknown",
]);

function mayBeTextOrNumber(schema: unknown): boolean {
  const { type, literal, options = [] } = schema as ValibotNode;
  if (type === "string" || type === "number") return true;
  if (type === "literal") return typeof literal === "string" || typeof literal === "number";
  if (type === "picklist" || type === "enum") return options.every((option) => typeof option !== "bigint");
  if (type === "union") return options.every(mayBeTextOrNumber);
  return typeof type === "string" && openTypes.has(type);
}

function objectEntries(schema: unknown): Readonly<Record<string, unknown>> | undefined {
  return (schema as ValibotNode).entries;
}
