import { isJsonObject, type JsonValue } from "../json.ts";
import { hasType, sameValue, type SchemaForm } from "./schema-form.ts";

/** Whether no value has two of these options, as far as kinds, values and fields that tell them apart show it. */
export function areExclusive(options: readonly (readonly SchemaForm[])[], formsOf: FormsOf): boolean {
  return options.every((forms, index) =>
    options.slice(index + 1).every((others) =>
      forms.every((one) => others.every((other) => areApart(one, other, formsOf)))
    )
  );
}

/** Gives the forms of a schema that stands in a form. */
export type FormsOf = (schema: JsonValue) => readonly SchemaForm[];

function areApart(one: SchemaForm, other: SchemaForm, formsOf: FormsOf): boolean {
  const shareType =
    [...one.types].some((type) => other.types.has(type) || (type === "integer" && other.types.has("number"))) ||
    (one.types.has("number") && other.types.has("integer"));
  if (!shareType) return true;
  if (one.values !== undefined && other.values !== undefined) {
    return !one.values.some((value) => other.values!.some((candidate) => sameValue(value, candidate)));
  }
  if (one.values !== undefined) return !one.values.some((value) => hasType(value, other.types));
  if (other.values !== undefined) return !other.values.some((value) => hasType(value, one.types));
  const [left, right] = [tellingFields(one, formsOf), tellingFields(other, formsOf)];
  return [...one.types, ...other.types].every((type) => type === "object") && [...left].some(([name, values]) => {
    const others = right.get(name);
    return others !== undefined && !values.some((value) => others.some((candidate) => sameValue(value, candidate)));
  });
}

/** Fields that are always there, with the values that they may have, where these can be counted. */
export function tellingFields({ parts }: SchemaForm, formsOf: FormsOf): ReadonlyMap<string, readonly JsonValue[]> {
  const required = new Set(parts.flatMap((part) => Array.isArray(part["required"]) ? part["required"] : []));
  const fields = new Map<string, readonly JsonValue[]>();
  for (const { properties } of parts) {
    for (const [name, schema] of Object.entries(isJsonObject(properties) ? properties : {})) {
      const forms = required.has(name) ? formsOf(schema) : [];
      if (forms.length > 0 && forms.every(({ values }) => values !== undefined)) {
        fields.set(name, forms.flatMap(({ values }) => values!));
      }
    }
  }
  return fields;
}
