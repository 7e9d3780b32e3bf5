import { isJsonObject, type JsonSchema, type JsonValue } from "../json.ts";
import { decides } from "./schema-forms.ts";
import { hasType, type JsonType, sameValue, typeOf } from "./schema-form.ts";

/**
 * Whether a schema takes a value that is no list and no object; `undefined` where that is not known: a pattern of
 * someone else's is not run.
 */
export function takesValue(schema: JsonSchema, value: JsonValue): boolean | undefined {
  const answers = Object.entries(schema).filter(([keyword]) => decides(keyword))
    .map(([keyword, wanted]) => keywordTakes(keyword, wanted, value));
  return answers.includes(false) ? false : answers.includes(undefined) ? undefined : true;
}

function keywordTakes(keyword: string, wanted: JsonValue, value: JsonValue): boolean | undefined {
  switch (keyword) {
    case "type":
      return hasType(value, new Set((Array.isArray(wanted) ? wanted : [wanted]) as JsonType[]));
    case "enum":
      return (wanted as readonly JsonValue[]).some((candidate) => sameValue(candidate, value));
    case "const":
      return sameValue(wanted, value);
    case "not": {
      const answer = isJsonObject(wanted) ? takesValue(wanted, value) : wanted !== false;
      return answer === undefined ? undefined : !answer;
    }
  }
  const type = typeOf(value);
  if (type === "array" || type === "object") return undefined;
  const own = keywordsOf[type === "integer" ? "number" : type] ?? [];
  if (own.includes(keyword)) {
    return typeof value === "string"
      ? stringTakes(keyword, wanted, value)
      : numberTakes(keyword, wanted, value as number);
  }
  return Object.values(keywordsOf).some((others) => others.includes(keyword)) ? true : undefined;
}

/** Keywords that speak of one kind of values, and let the others pass. */
const keywordsOf: Readonly<Record<string, readonly string[]>> = {
  string: ["minLength", "maxLength", "pattern", "format", "contentEncoding"],
  number: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
  array: ["items", "prefixItems", "minItems", "maxItems", "uniqueItems"],
  object: ["properties", "required", "additionalProperties", "propertyNames", "minProperties", "maxProperties"],
};

function stringTakes(keyword: string, wanted: JsonValue, value: string): boolean | undefined {
  if (keyword === "minLength") return value.length >= (wanted as number);
  return keyword === "maxLength" ? value.length <= (wanted as number) : undefined;
}

function numberTakes(keyword: string, wanted: JsonValue, value: number): boolean {
  const bound = wanted as number;
  switch (keyword) {
    case "minimum":
      return value >= bound;
    case "maximum":
      return value <= bound;
    case "exclusiveMinimum":
      return value > bound;
    case "exclusiveMaximum":
      return value < bound;
    default:
      return Number.isInteger(value / bound);
  }
}
