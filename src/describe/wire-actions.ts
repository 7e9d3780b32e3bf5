import { isJsonObject, toJson } from "./json.ts";
import type { ValibotAction, ValibotSchema } from "./valibot-schema.ts";

/** Actions of a pipe that neither change a value nor refuse one that JSON can carry. */
const silentTypes = new Set(["brand", "finite", "flavor", "readonly"]);

/**
 * Actions that `@valibot/to-json-schema` writes as keywords that take what Valibot takes. Not among them: what it writes
 * as a format that is another thing, such as `url`, of which a URI is a part, and `iso_time`, which has no time zone.
 */
const keywordTypes = new Set([
  "base64",
  "email",
  "empty",
  "entries",
  "gt_value",
  "integer",
  "ipv4",
  "ipv6",
  "iso_date",
  "iso_timestamp",
  "length",
  "lt_value",
  "max_entries",
  "max_length",
  "max_value",
  "min_entries",
  "min_length",
  "min_value",
  "multiple_of",
  "non_empty",
  "not_value",
  "not_values",
  "safe_integer",
  "uuid",
  "value",
  "values",
]);

const lengthTypes = new Set(["empty", "length", "max_length", "min_length", "non_empty"]);
const entryTypes = new Set(["entries", "max_entries", "min_entries"]);

/** Keywords that a `metadata` action may set: those that tell and do not decide. */
const annotations = new Set(["contentEncoding", "contentMediaType", "deprecated", "readOnly", "writeOnly"]);

/** An action of ours, which the converter does not know and hands to its override. */
export interface KeywordAction extends ValibotAction {
  /** Keywords for the schema. */
  readonly keywords: Readonly<Record<string, unknown>>;
}

/** Tells an action of ours. */
export function isKeywordAction(action: { readonly type: string }): action is KeywordAction {
  return action.type === "keywords";
}

/** An action that says something of a schema. */
export function annotation(keywords: Readonly<Record<string, unknown>>): KeywordAction {
  return { kind: "metadata", type: "keywords", keywords };
}

/** Says that a schema takes more than its validator. */
export function commentOn(reason: string): string {
  return `More is checked than this schema tells: ${reason}.`;
}

/** What an action does to the checks that follow it in its pipe. */
export function changesValue({ kind, type }: ValibotAction): boolean {
  return kind === "transformation" && type !== "guard" && !silentTypes.has(type);
}

/** Whether nothing of an action is to be seen in a value that travels. */
export function isSilent({ type }: ValibotAction): boolean {
  return silentTypes.has(type);
}

/**
 * The form in which a check of a pipe is written as keywords; `undefined` where keywords would refuse what Valibot takes,
 * or cannot say it.
 */
export function wireCheck(action: ValibotAction, head: ValibotSchema): ValibotAction | undefined {
  const { type, requirement } = action;
  // These give only what they know: Valibot counts what they give, and JSON Schema what came.
  if (lengthTypes.has(type) && head.type.endsWith("tuple")) return undefined;
  if (lengthTypes.has(type) && head.type === "tuple_with_rest") return undefined;
  if (entryTypes.has(type) && head.type !== "record") return undefined;
  if (type === "multiple_of" && !(typeof requirement === "number" && requirement > 0)) return undefined;
  if (keywordTypes.has(type)) return action;
  const pattern = patternOf(action);
  return pattern === undefined ? undefined : annotation({ pattern });
}

/** What an action tells people, in a form that JSON carries; examples only where they are `input` of the schema. */
export function wireMetadata(action: ValibotAction, input: boolean): KeywordAction | undefined {
  const told: Record<string, unknown> = action.type === "metadata" && isJsonObject(action.metadata)
    ? { ...action.metadata }
    : { [action.type]: action[action.type as "title" | "description" | "examples"] };
  const keywords: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(told)) {
    if (name === "title" || name === "description") {
      if (typeof value === "string") keywords[name] = value;
    } else if (name === "examples") {
      const examples = Array.isArray(value) ? value.map(toJson).filter((example) => example !== undefined) : [];
      if (input && examples.length > 0) keywords[name] = examples;
    } else if (annotations.has(name) || name.startsWith("x-")) {
      const json = toJson(value);
      if (json !== undefined) keywords[name] = json;
    }
  }
  return Object.keys(keywords).length === 0 ? undefined : annotation(keywords);
}

function patternOf({ type, requirement }: ValibotAction): string | undefined {
  if (typeof requirement === "string") {
    const text = requirement.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
    if (type === "starts_with") return `^${text}`;
    if (type === "ends_with") return `${text}$`;
    return type === "includes" ? text : undefined;
  }
  if (!(requirement instanceof RegExp) || /[^gud]/.test(requirement.flags)) return undefined;
  try {
    // Validators of JSON Schema read patterns with this flag.
    new RegExp(requirement.source, "u");
    return requirement.source;
  } catch {
    return undefined;
  }
}
