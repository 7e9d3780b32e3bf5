import type { JsonSchema } from "../json.ts";

/** The numbers that a keyword has in several schemas that all hold. */
export function numbersOf(schemas: readonly JsonSchema[], keyword: string): number[] {
  return schemas.map((schema) => schema[keyword]).filter((value) => typeof value === "number");
}
