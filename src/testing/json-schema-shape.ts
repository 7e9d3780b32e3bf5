import { isJsonObject, type JsonSchema, type JsonValue } from "../describe/json.ts";
import type { StandardJsonSchema } from "../describe/standard-json-schema.ts";
import { anyList, anyNumber, anyObject, anyText, type Shape } from "./shape.ts";
import { textFormats } from "./text-formats.ts";
import { withMaximum, withMinimum } from "./valibot-constraints.ts";

const allTypes = ["null", "boolean", "number", "string", "array", "object"] as const;

/** Reads a JSON Schema of draft 2020-12, or what is alike of others. */
export function jsonSchemaShape({ schema, definitions }: StandardJsonSchema): Shape {
  const known = new Map<JsonValue, Shape>();

  const shapeOf = (value: JsonValue | undefined): Shape => {
    if (value === false) return { kind: "never" };
    if (!isJsonObject(value)) return { kind: "unknown" };
    const found = known.get(value);
    if (found !== undefined) return found;
    known.set(value, { kind: "lazy", get: () => known.get(value)! });
    const shape = read(value);
    known.set(value, shape);
    return shape;
  };

  const read = (part: JsonSchema): Shape => {
    const { $ref, allOf, anyOf, oneOf } = part;
    const parts: Shape[] = [];
    if (typeof $ref === "string") parts.push(shapeOf(follow($ref)));
    if (Array.isArray(allOf)) parts.push(...allOf.map(shapeOf));
    for (const options of [anyOf, oneOf]) {
      if (Array.isArray(options)) parts.push({ kind: "union", options: options.map(shapeOf) });
    }
    const own = readOwn(part);
    if (own.kind !== "unknown" || parts.length === 0) parts.unshift(own);
    const whole: Shape = parts.length === 1 ? parts[0]! : { kind: "all", parts };
    return Array.isArray(part["examples"]) ? { ...whole, examples: part["examples"] } : whole;
  };

  const readOwn = (part: JsonSchema): Shape => {
    if ("const" in part) return valuesShape([part["const"]!]);
    if (Array.isArray(part["enum"])) return valuesShape(part["enum"]);
    const types = typesOf(part);
    const options = types.map((type) => readType(type, part));
    return options.length === 1 ? options[0]! : options.length === 0 ? { kind: "unknown" } : { kind: "union", options };
  };

  const readType = (type: string, part: JsonSchema): Shape => {
    switch (type) {
      case "null":
        return { kind: "values", values: [null] };
      case "boolean":
        return { kind: "values", values: [true, false] };
      case "integer":
      case "number":
        return readNumber(type === "integer", part);
      case "string":
        return readText(part);
      case "array":
        return readList(part);
      default:
        return readObject(part);
    }
  };

  const readList = (part: JsonSchema): Shape => {
    const { prefixItems, items } = part;
    const first = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : [];
    const rest = Array.isArray(items) ? part["additionalItems"] : items;
    const minLength = numberOr(part["minItems"], 0);
    return {
      ...anyList,
      first: first.map(shapeOf),
      required: Math.min(first.length, minLength),
      rest: rest === undefined || rest === false ? undefined : shapeOf(rest),
      closed: rest === false,
      minLength,
      maxLength: numberOr(part["maxItems"], Infinity),
    };
  };

  const readObject = (part: JsonSchema): Shape => {
    const { properties, required, additionalProperties, propertyNames } = part;
    const wanted = new Set(Array.isArray(required) ? required : []);
    const fields = Object.entries(isJsonObject(properties) ? properties : {});
    return {
      ...anyObject,
      fields: new Map(fields.map(([name, field]) => [name, { shape: shapeOf(field), optional: !wanted.has(name) }])),
      keys: propertyNames === undefined ? undefined : shapeOf(propertyNames),
      rest: isJsonObject(additionalProperties) ? shapeOf(additionalProperties) : undefined,
      closed: additionalProperties === false,
      minEntries: numberOr(part["minProperties"], 0),
      maxEntries: numberOr(part["maxProperties"], Infinity),
    };
  };

  const follow = (reference: string): JsonValue | undefined => {
    if (reference === "#") return schema;
    const [, key, ...path] = reference.slice(1).split("/").map((token) =>
      decodeURIComponent(token).replaceAll("~1", "/").replaceAll("~0", "~")
    );
    const isDefinition = key === "$defs" || key === "definitions";
    let place: JsonValue | undefined = isDefinition ? definitions.get(path.shift() ?? "") : schema[key ?? ""];
    for (const step of path) {
      place = typeof place === "object" && place !== null ? (place as Record<string, JsonValue>)[step] : undefined;
    }
    return place;
  };

  return shapeOf(schema);
}

/** The types that a schema names, or that its keywords are about; none where it says nothing of them. */
function typesOf(part: JsonSchema): readonly string[] {
  const { type } = part;
  if (typeof type === "string") return [type];
  if (Array.isArray(type)) return type.filter((name): name is string => typeof name === "string");
  const about: Readonly<Record<(typeof allTypes)[number], RegExp>> = {
    null: /^$/,
    boolean: /^$/,
    number: /^(minimum|maximum|exclusiveMinimum|exclusiveMaximum|multipleOf)$/,
    string: /^(minLength|maxLength|pattern|format)$/,
    array: /^(items|prefixItems|minItems|maxItems|uniqueItems)$/,
    object: /^(properties|required|additionalProperties|propertyNames|minProperties|maxProperties)$/,
  };
  return allTypes.filter((name) => Object.keys(part).some((keyword) => about[name].test(keyword)));
}

function readText(part: JsonSchema): Shape {
  const { format, pattern } = part;
  // A pattern beside a format is that format, written out.
  const known = typeof format === "string" && textFormats.has(format) ? format : undefined;
  return {
    ...anyText,
    minLength: numberOr(part["minLength"], 0),
    maxLength: numberOr(part["maxLength"], Infinity),
    format: known,
    patterns: typeof pattern === "string" && known === undefined ? compiled(pattern) : [],
  };
}

function readNumber(integer: boolean, part: JsonSchema): Shape {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = part;
  let shape = { ...anyNumber, integer, multipleOf: typeof multipleOf === "number" ? multipleOf : undefined };
  if (typeof minimum === "number") shape = { ...shape, ...withMinimum(shape, minimum, false) };
  if (typeof exclusiveMinimum === "number") shape = { ...shape, ...withMinimum(shape, exclusiveMinimum, true) };
  if (typeof maximum === "number") shape = { ...shape, ...withMaximum(shape, maximum, false) };
  if (typeof exclusiveMaximum === "number") shape = { ...shape, ...withMaximum(shape, exclusiveMaximum, true) };
  return shape;
}

function compiled(pattern: string): readonly RegExp[] {
  try {
    return [new RegExp(pattern, "u")];
  } catch {
    return [];
  }
}

function valuesShape(values: readonly JsonValue[]): Shape {
  const plain = values.filter((value): value is string | number | boolean | null =>
    typeof value !== "object" || value === null
  );
  const examples = values.filter((value) => typeof value === "object" && value !== null);
  return examples.length === 0 ? { kind: "values", values: plain } : { kind: "unknown", examples: values };
}

function numberOr(value: JsonValue | undefined, other: number): number {
  return typeof value === "number" ? value : other;
}
