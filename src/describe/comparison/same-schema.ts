import { isJsonObject, type JsonSchema, type JsonValue } from "../json.ts";
import { decides, type Resolve } from "./schema-forms.ts";

/** Lists whose order means nothing. */
const unordered = new Set(["enum", "required", "type"]);

/** Whether two schemas, or parts of them, say the same of every value, as far as their texts show it. */
export function sameSchema(
  one: JsonValue | undefined,
  other: JsonValue | undefined,
  resolveOne: Resolve,
  resolveOther: Resolve,
  assumed: Set<string> = new Set(),
): boolean {
  const same = (left: JsonValue | undefined, right: JsonValue | undefined): boolean =>
    sameSchema(left, right, resolveOne, resolveOther, assumed);
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((value, index) => same(value, other[index]));
  }
  if (!isJsonObject(one) || !isJsonObject(other)) return one === other;
  const [left, right] = [reference(one), reference(other)];
  if (left !== undefined || right !== undefined) {
    const pair = JSON.stringify([left ?? one, right ?? other]);
    if (assumed.has(pair)) return true;
    assumed.add(pair);
    // A reference stands for what it leads to, and what is beside it holds too.
    if (left !== undefined && right !== undefined && !same(without(one), without(other))) return false;
    return same(followed(one, left, right, resolveOne), followed(other, right, left, resolveOther));
  }
  const names = Object.keys(one).filter(decides);
  return names.length === Object.keys(other).filter(decides).length &&
    names.every((name) =>
      Object.hasOwn(other, name) &&
      same(sorted(name, one[name]), sorted(name, other[name]))
    );
}

function reference({ $ref }: JsonSchema): string | undefined {
  return typeof $ref === "string" ? $ref : undefined;
}

function followed(
  schema: JsonSchema,
  own: string | undefined,
  others: string | undefined,
  resolve: Resolve,
): JsonValue | undefined {
  if (own === undefined) return schema;
  const target = resolve(own);
  const beside = Object.keys(without(schema)).filter(decides);
  return others === undefined && beside.length > 0 ? { ...without(schema), allOf: [target ?? {}] } : target;
}

function without({ $ref: _, ...rest }: JsonSchema): JsonSchema {
  return rest;
}

function sorted(name: string, value: JsonValue | undefined): JsonValue | undefined {
  if (!unordered.has(name) || !Array.isArray(value)) return value;
  return [...value].sort((one, other) => JSON.stringify(one) < JSON.stringify(other) ? -1 : 1);
}
