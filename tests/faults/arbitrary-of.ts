import * as fc from "fast-check";
import type * as v from "valibot";

/** A schema of the kinds that the contract of the experiments uses, as Valibot keeps it. */
interface KnownSchema {
  readonly type: string;
  readonly entries?: Readonly<Record<string, KnownSchema>>;
  readonly item?: KnownSchema;
  readonly wrapped?: KnownSchema;
  readonly options?: readonly unknown[];
  readonly pipe?: readonly { readonly type: string }[];
}

/** Values that a schema takes; throws for a kind of schema that it does not know. */
export function arbitraryOf(schema: v.GenericSchema): fc.Arbitrary<unknown> {
  return arbitraryOfKnown(schema as unknown as KnownSchema);
}

function arbitraryOfKnown(schema: KnownSchema): fc.Arbitrary<unknown> {
  const isInteger = schema.pipe?.some(({ type }) => type === "integer") === true;
  switch (schema.type) {
    case "string":
      return fc.string({ unit: "grapheme", maxLength: 40 });
    case "number":
      return isInteger ? fc.nat() : fc.double({ noNaN: true, noDefaultInfinity: true });
    case "boolean":
      return fc.boolean();
    case "picklist":
      return fc.constantFrom(...schema.options!);
    case "union":
      return fc.oneof(...(schema.options as readonly KnownSchema[]).map(arbitraryOfKnown));
    case "array":
      return fc.array(arbitraryOfKnown(schema.item!), { maxLength: 5 });
    case "nullable":
      return fc.option(arbitraryOfKnown(schema.wrapped!), { nil: null });
    case "optional":
      return arbitraryOfKnown(schema.wrapped!);
    case "object":
      return arbitraryOfObject(schema.entries!);
    default:
      throw new Error(`There are no arbitrary values for a schema of the type "${schema.type}" yet`);
  }
}

function arbitraryOfObject(entries: Readonly<Record<string, KnownSchema>>): fc.Arbitrary<unknown> {
  const requiredKeys = Object.keys(entries).filter((key) => entries[key]!.type !== "optional");
  const model = Object.fromEntries(Object.entries(entries).map(([key, entry]) => [key, arbitraryOfKnown(entry)]));
  return fc.record(model, { requiredKeys });
}
