import { isJsonObject, type JsonSchema, type JsonValue } from "../json.ts";
import { numbersOf } from "./numbers-of.ts";
import type { Findings } from "./refusal.ts";
import { asSchema } from "./schema-forms.ts";
import { takesValue } from "./takes-value.ts";

/** Looks at what a schema wants of objects. */
export function coverObject(sent: readonly JsonSchema[], taken: JsonSchema, findings: Findings): void {
  const names = new Set(sent.flatMap((part) => Object.keys(fieldsOf(part))));
  coverRequired(sent, taken, names, findings);
  coverFields(sent, taken, names, findings);
  coverNames(sent, taken, names, findings);
  coverCount(sent, taken, names, findings);
}

function coverRequired(
  sent: readonly JsonSchema[],
  taken: JsonSchema,
  names: ReadonlySet<string>,
  { refuse }: Findings,
): void {
  const given = requiredOf(sent);
  for (const name of requiredOf([taken])) {
    if (given.has(name)) continue;
    refuse(`may come without "${name}", which is wanted${names.has(name) ? "" : " now"}`);
  }
}

function coverFields(
  sent: readonly JsonSchema[],
  taken: JsonSchema,
  names: ReadonlySet<string>,
  { refuse, cover }: Findings,
): void {
  const wanted = fieldsOf(taken);
  const { additionalProperties: others } = taken;
  for (const [name, schema] of Object.entries(wanted)) {
    const field = fieldOf(sent, name);
    if (field !== undefined) cover(field, asSchema(schema), `.${name}`);
  }
  if (others === undefined || isAnything(others)) return;
  for (const name of names) {
    const field = Object.hasOwn(wanted, name) ? undefined : fieldOf(sent, name);
    if (field !== undefined) cover(field, asSchema(others), `.${name}`);
  }
  const more = moreFields(sent);
  if (more.length > 0) cover(more, asSchema(others), ".*");
  else if (sent.every((part) => part["additionalProperties"] === undefined)) {
    refuse("may have fields that it does not name, which were let pass and now are not");
  }
}

function coverNames(
  sent: readonly JsonSchema[],
  { propertyNames: wanted }: JsonSchema,
  names: ReadonlySet<string>,
  { refuse, cover }: Findings,
): void {
  if (wanted === undefined || isAnything(wanted)) return;
  const own = sent.map((part) => part["propertyNames"]).filter((schema) => schema !== undefined);
  for (const name of names) {
    if (own.some((schema) => JSON.stringify(schema) === JSON.stringify(wanted))) continue;
    const answer = takesValue(asSchema(wanted), name);
    if (answer !== true) refuse(`has "${name}", which is no name that is taken`, answer === false);
  }
  if (moreFields(sent).length > 0) cover([{ type: "string" }, ...own.map(asSchema)], asSchema(wanted), ".{name}");
}

function coverCount(
  sent: readonly JsonSchema[],
  { minProperties, maxProperties }: JsonSchema,
  names: ReadonlySet<string>,
  { refuse }: Findings,
): void {
  const fewest = Math.max(requiredOf(sent).size, ...numbersOf(sent, "minProperties"));
  const counted = moreFields(sent).length > 0 ? Infinity : names.size;
  const most = Math.min(counted, ...numbersOf(sent, "maxProperties"));
  if (typeof minProperties === "number" && fewest < minProperties) {
    refuse(`may have ${fewest} fields, at least ${minProperties} are wanted`);
  }
  if (typeof maxProperties === "number" && most > maxProperties) {
    refuse(`may have ${most === Infinity ? "any number of" : most} fields, at most ${maxProperties} are taken`);
  }
}

function fieldsOf({ properties }: JsonSchema): JsonSchema {
  return isJsonObject(properties) ? properties : {};
}

function requiredOf(parts: readonly JsonSchema[]): ReadonlySet<string> {
  return new Set(
    parts.flatMap(({ required }) => Array.isArray(required) ? required : []).filter((name) => typeof name === "string"),
  );
}

/** What a field is by every schema that says something of it; `undefined` where it is not sent. */
function fieldOf(sent: readonly JsonSchema[], name: string): readonly JsonSchema[] | undefined {
  const schemas = sent.flatMap((part) => {
    const fields = fieldsOf(part);
    if (Object.hasOwn(fields, name)) return [asSchema(fields[name])];
    const { additionalProperties } = part;
    return additionalProperties === undefined ? [] : [asSchema(additionalProperties)];
  });
  // By patterns a field may be anything.
  return schemas.length > 0 ? schemas : sent.some((part) => part["patternProperties"] !== undefined) ? [{}] : undefined;
}

/** What other fields are that may be sent; none where no others are. */
function moreFields(sent: readonly JsonSchema[]): readonly JsonSchema[] {
  const others = sent.map((part) => part["additionalProperties"]).filter((schema) => schema !== undefined);
  return others.includes(false) ? [] : others.map(asSchema);
}

function isAnything(schema: JsonValue): boolean {
  return schema === true || (isJsonObject(schema) && Object.keys(schema).length === 0);
}
