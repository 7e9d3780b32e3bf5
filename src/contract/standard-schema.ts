/**
 * The Standard Schema interface, version 1: what Valibot, Zod, ArkType and others implement.
 *
 * @see https://standardschema.dev
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  /** The validator's own properties. */
  readonly "~standard": StandardSchemaProperties<Input, Output>;
}

/** What stands under a schema's `~standard`. */
export interface StandardSchemaProperties<Input = unknown, Output = Input> {
  /** The version of the interface. */
  readonly version: 1;
  /** The validation library's name. */
  readonly vendor: string;
  /** Checks a value; a promise where the schema is asynchronous. */
  readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
  /** Exists in types only. */
  readonly types?: { readonly input: Input; readonly output: Output } | undefined;
}

/** What a validation gives: a value, or issues. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

/** One thing that is wrong with a value. */
export interface StandardIssue {
  /** What is wrong, in words. */
  readonly message: string;
  /** Where in the value. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The type a schema takes: what travels. */
export type SchemaInput<Schema extends StandardSchema> = NonNullable<Schema["~standard"]["types"]>["input"];

/** The type a schema gives: what the other side gets. */
export type SchemaOutput<Schema extends StandardSchema> = NonNullable<Schema["~standard"]["types"]>["output"];

/** Tells a schema from a definition that contains one. */
export function isSchema(value: unknown): value is StandardSchema {
  if ((typeof value !== "object" && typeof value !== "function") || value === null || !("~standard" in value)) {
    return false;
  }
  const properties = (value as StandardSchema)["~standard"];
  return typeof properties === "object" && properties !== null && typeof properties.validate === "function";
}
