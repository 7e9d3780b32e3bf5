/** A value as JSON carries it. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** An object as JSON carries it. */
export interface JsonObject {
  /** By its own name. */
  readonly [name: string]: JsonValue;
}

/** A JSON Schema, of the draft that its document is written in. */
export type JsonSchema = JsonObject;

/** A copy of what JSON carries of a value; `undefined` where that is nothing, or where JSON cannot carry it. */
export function toJson(value: unknown): JsonValue | undefined {
  try {
    const text = JSON.stringify(value);
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    // A cycle, a bigint, or a `toJSON` that throws.
    return undefined;
  }
}

/** Tells an object from the other values of JSON. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
