import type { StandardSchema } from "../contract/standard-schema.ts";
import { isPromise } from "../contract/value-or-promise.ts";
import { isValibotSchema, type ValibotSchema } from "./valibot-schema.ts";

const maximumNesting = 64;

/** Whether a schema takes `undefined`, for which nothing travels: an empty body, an absent field. */
export function mayBeAbsent(schema: StandardSchema): boolean {
  return isValibotSchema(schema) ? takesUndefined(schema) : acceptsUndefined(schema);
}

/** The same of a part of a Valibot schema; true where that cannot be known. */
export function takesUndefined(schema: unknown, seen: ReadonlySet<unknown> = new Set()): boolean {
  // A getter may make a new schema each time, without end.
  if (!isValibotSchema(schema) || seen.size > maximumNesting) return true;
  if (seen.has(schema)) return false;
  if ("fallback" in schema) return true;
  return typeTakesUndefined(schema, (inner) => takesUndefined(inner, new Set([...seen, schema])));
}

function typeTakesUndefined(schema: ValibotSchema, takes: (inner: unknown) => boolean): boolean {
  switch (schema.type) {
    case "any":
    case "custom":
    case "nullish":
    case "optional":
    case "undefined":
    case "undefinedable":
    case "unknown":
    case "void":
      return true;
    case "exact_optional":
    case "non_nullable":
    case "nullable":
      return takes(schema.wrapped);
    case "union":
      return (schema.options ?? []).some(takes);
    case "intersect":
      return (schema.options ?? []).every(takes);
    case "lazy":
      return takes(lazyTarget(schema));
    default:
      return false;
  }
}

/** The schema that a `lazy` stands for; `undefined` where that depends on the value, is promised, or fails. */
export function lazyTarget({ getter, async }: ValibotSchema): ValibotSchema | undefined {
  if (getter === undefined || getter.length > 0 || async === true) return undefined;
  try {
    const target = getter(undefined);
    return isValibotSchema(target) ? target : undefined;
  } catch {
    return undefined;
  }
}

/** Other validators cannot be looked into, so they are asked. */
function acceptsUndefined(schema: StandardSchema): boolean {
  try {
    const result = schema["~standard"].validate(undefined);
    if (!isPromise(result)) return result.issues === undefined;
    result.then(undefined, () => {});
    return true;
  } catch {
    return false;
  }
}
