import { type ConversionConfig, toJsonSchemaDefs } from "@valibot/to-json-schema";
import { type JsonSchema, type JsonValue, toJson } from "./json.ts";
import type { SchemaTarget } from "./schema-target.ts";
import type { ValibotSchema } from "./valibot-schema.ts";
import { walkSchema } from "./walk-schema.ts";
import { commentOn, isKeywordAction } from "./wire-actions.ts";
import { isJsonNode } from "./wire-schemas.ts";

type Keywords = Readonly<Record<string, unknown>>;

/** Writes schemas that `WireSchemas` made as JSON Schemas; a schema that stands in another is a reference to its name. */
export function convertValibot(
  schemas: Readonly<Record<string, ValibotSchema>>,
  target: SchemaTarget,
): Record<string, JsonSchema> {
  const converted = toJsonSchemaDefs(schemas as never, {
    target: target.draft,
    typeMode: "input",
    errorMode: "ignore",
    overrideAction,
    overrideSchema: target.exact === true ? overrideExactly : overrideSchema,
    overrideRef: ({ referenceId }) => target.prefix + referenceId,
  });
  return Object.fromEntries(
    Object.entries<unknown>(converted).map(([name, schema]) => [
      name,
      walkSchema(toJson(schema) as JsonSchema, target.exact === true ? withoutEmptyLists : tidy),
    ]),
  );
}

const overrideAction: NonNullable<ConversionConfig["overrideAction"]> = ({ valibotAction, jsonSchema, errors }) => {
  if (isKeywordAction(valibotAction)) return withKeywords(jsonSchema as Keywords, valibotAction.keywords);
  if (errors === undefined) return undefined;
  return withKeywords(jsonSchema as Keywords, { $comment: commentOn(valibotAction.type) });
};

const overrideSchema: NonNullable<ConversionConfig["overrideSchema"]> = ({ valibotSchema, jsonSchema }) => {
  if (isJsonNode(valibotSchema)) return valibotSchema.json as Keywords;
  // Of a tuple, that which may be left out at its end.
  if ("required" in valibotSchema) return { ...jsonSchema, minItems: valibotSchema.required as number };
  return undefined;
};

const overrideExactly: typeof overrideSchema = (context) => {
  const schema = overrideSchema(context) ?? context.jsonSchema;
  if (context.valibotSchema.type === "loose_object") return { ...schema, additionalProperties: {} };
  return context.valibotSchema.type === "loose_tuple" ? { ...schema, items: {} } : schema;
};

/** A schema with more keywords, which take nothing away from what it has. */
function withKeywords(schema: Keywords, added: Keywords): Keywords {
  const merged: Record<string, unknown> = { ...schema, ...added };
  if (schema["pattern"] !== undefined && added["pattern"] !== undefined) {
    merged["pattern"] = schema["pattern"];
    merged["allOf"] = [...schema["allOf"] as unknown[] ?? [], { pattern: added["pattern"] }];
  }
  if (Array.isArray(schema["examples"]) && Array.isArray(added["examples"])) {
    merged["examples"] = [...schema["examples"], ...added["examples"]];
  }
  if (schema["$comment"] !== undefined && added["$comment"] !== undefined) {
    merged["$comment"] = `${schema["$comment"]} ${added["$comment"]}`;
  }
  return merged;
}

/** Not every draft takes lists that are empty. */
function withoutEmptyLists(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(
    Object.entries(schema).filter(([keyword, value]) =>
      !(["items", "prefixItems", "required"].includes(keyword) && Array.isArray(value) && value.length === 0)
    ),
  );
}

/** Tells readers what the comments say. */
function tidy({ $comment, ...schema }: JsonSchema): JsonSchema {
  const tidied: Record<string, JsonValue> = { ...withoutEmptyLists(schema) };
  const { items, additionalItems, description } = schema;
  // Draft 07 has these for what follows the items of a list, not for a list without.
  if (additionalItems !== undefined && Array.isArray(items) && items.length === 0) tidied["items"] = additionalItems;
  if ($comment !== undefined) {
    tidied["description"] = description === undefined ? $comment : `${description} ${$comment}`;
  }
  return tidied;
}
