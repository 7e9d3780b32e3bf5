import type { JsonSchema, JsonValue } from "../json.ts";
import { numbersOf } from "./numbers-of.ts";
import type { Findings } from "./refusal.ts";
import { asSchema } from "./schema-forms.ts";

/** Looks at what a schema wants of lists. What a tuple does not name is not sent. */
export function coverArray(sent: readonly JsonSchema[], taken: JsonSchema, { refuse, cover }: Findings): void {
  const { minItems, maxItems, uniqueItems } = taken;
  const shortest = Math.max(0, ...numbersOf(sent, "minItems"));
  const longest = Math.min(longestOf(sent), ...numbersOf(sent, "maxItems"));
  if (typeof minItems === "number" && shortest < minItems) {
    refuse(`may have ${shortest} entries, at least ${minItems} are wanted`);
  }
  if (typeof maxItems === "number" && longest > maxItems) {
    refuse(`may have ${longest === Infinity ? "any number of" : longest} entries, at most ${maxItems} are taken`);
  }
  if (uniqueItems === true && !sent.some((part) => part["uniqueItems"] === true)) refuse("may have an entry twice");
  const named = positions(taken).length;
  const sentNamed = Math.max(0, ...sent.map((part) => positions(part).length));
  for (let index = 0; index < Math.max(named, sentNamed); index++) {
    const schemas = entryAt(sent, index);
    const wanted = positions(taken)[index] ?? taken["items"];
    if (schemas === undefined || wanted === undefined || index >= longest) continue;
    cover(schemas, asSchema(wanted), `[${index}]`);
  }
  const { items } = taken;
  if (items === undefined) return;
  const rest = sent.filter((part) => part["items"] !== undefined).map((part) => asSchema(part["items"]));
  const mayHaveMore = longest > Math.max(named, sentNamed);
  if (rest.length > 0 && mayHaveMore) cover(rest, asSchema(items), "[]");
  else if (mayHaveMore && (items === false || sentNamed === 0)) cover([{}], asSchema(items), "[]");
}

/** A list that refuses more entries than it names has no more. */
function longestOf(sent: readonly JsonSchema[]): number {
  const closed = sent.filter((part) => part["items"] === false).map((part) => positions(part).length);
  return Math.min(Infinity, ...closed);
}

function positions({ prefixItems }: JsonSchema): readonly JsonValue[] {
  return Array.isArray(prefixItems) ? prefixItems : [];
}

/** What an entry is by every schema that says something of it; `undefined` where none is sent there. */
function entryAt(sent: readonly JsonSchema[], index: number): readonly JsonSchema[] | undefined {
  const schemas = sent.flatMap((part) => {
    const schema = positions(part)[index] ?? part["items"];
    return schema === undefined ? [] : [asSchema(schema)];
  });
  if (schemas.length > 0) return schemas;
  return sent.some((part) => positions(part).length > 0) ? undefined : [{}];
}
