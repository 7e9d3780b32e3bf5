/** A JSON Schema (2020-12), as OpenAPI 3.1 carries it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const deepest = 6;
const longestPattern = 60;
const mostSampled = 16;

/** Reads the schemas of one document, whose `$ref`s point into it. */
export class SchemaReader {
  readonly #document: unknown;

  /** A reader of this document. */
  constructor(document: unknown) {
    this.#document = document;
  }

  /** The schema behind references; one that leads nowhere allows everything. */
  resolve(schema: unknown): JsonSchema {
    let found = asObject(schema);
    for (let hops = 0; typeof found.$ref === "string" && hops < 16; hops++) {
      const { $ref, ...beside } = found;
      found = { ...asObject(this.#follow(String($ref))), ...beside };
    }
    return found;
  }

  /** A schema in a few words, such as `integer, at least 1`. */
  describe(schema: unknown, depth = 0): string {
    if (schema === false) return "nothing";
    const read = this.resolve(schema);
    if (depth > deepest) return "…";
    if ("const" in read) return JSON.stringify(read.const);
    if (Array.isArray(read.enum)) return read.enum.map((value) => JSON.stringify(value)).join(" or ");
    const choices = choicesOf(read);
    if (choices !== undefined) {
      return [...new Set(choices.map((choice) => this.describe(choice, depth + 1)))].join(" or ");
    }
    const types = typesOf(read);
    if (types.length !== 1) return types.length === 0 ? "anything" : types.join(" or ");
    const [type] = types;
    if (type === "array") return [`list of ${this.#describeItems(read, depth + 1)}`, ...limitsOf(read)].join(", ");
    return [typeof read.format === "string" ? `${type} (${read.format})` : type, ...limitsOf(read)].join(", ");
  }

  /** The members of an object, and of the objects in a list. */
  members(schema: unknown, depth = 0): readonly SchemaMember[] {
    const read = this.resolve(schema);
    const all = Array.isArray(read.allOf) && depth <= deepest ? read.allOf : [];
    const parts = all.flatMap((part) => this.members(part, depth + 1));
    const required = Array.isArray(read.required) ? read.required : [];
    const own = Object.entries(asObject(read.properties)).map(([name, member]) => {
      const { description } = this.resolve(member);
      const text = typeof description === "string" ? description : undefined;
      return { name, schema: member, required: required.includes(name), description: text };
    });
    return [...parts, ...own];
  }

  /** A value that the schema takes, as far as can be told from it: what an editor starts with. */
  sample(schema: unknown, depth = 0): unknown {
    const read = this.resolve(schema);
    if (Array.isArray(read.examples) && read.examples.length > 0) return read.examples[0];
    for (const keyword of ["example", "default", "const"]) if (keyword in read) return read[keyword];
    if (Array.isArray(read.enum)) return read.enum[0];
    if (depth > deepest) return null;
    const choices = choicesOf(read);
    if (choices !== undefined) return this.sample(choices[0], depth + 1);
    const [type] = typesOf(read);
    if (type === "object") return this.#sampleObject(read, depth);
    if (type === "array") return this.#sampleList(read, depth);
    if (type === "string") return sampleText(read);
    if (type === "integer" || type === "number") return sampleNumber(read);
    return type === "boolean" ? false : null;
  }

  #describeItems({ prefixItems, items }: JsonSchema, depth: number): string {
    if (!Array.isArray(prefixItems)) return this.describe(items ?? true, depth);
    return prefixItems.map((item) => this.describe(item, depth)).join(", then ");
  }

  #sampleObject(read: JsonSchema, depth: number): Record<string, unknown> {
    const wanted = this.members(read).filter(({ schema, required }) => {
      const member = this.resolve(schema);
      return required || "default" in member || "examples" in member;
    });
    return Object.fromEntries(wanted.map(({ name, schema }) => [name, this.sample(schema, depth + 1)]));
  }

  #sampleList(read: JsonSchema, depth: number): unknown[] {
    if (Array.isArray(read.prefixItems)) return read.prefixItems.map((item) => this.sample(item, depth + 1));
    // One shows what a list holds; a list of what holds it has to end.
    const shown = depth > 1 || read.maxItems === 0 ? 0 : 1;
    const count = Math.min(Math.max(numberOr(read.minItems, 0), shown), mostSampled);
    return Array.from({ length: count }, () => this.sample(read.items ?? true, depth + 1));
  }

  #follow(reference: string): unknown {
    if (!reference.startsWith("#/")) return undefined;
    let found: unknown = this.#document;
    for (const part of reference.slice(2).split("/")) {
      const name = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
      if (typeof found !== "object" || found === null || !Object.hasOwn(found, name)) return undefined;
      found = (found as Record<string, unknown>)[name];
    }
    return found;
  }
}

/** One member of an object's schema. */
export interface SchemaMember {
  readonly name: string;
  readonly schema: unknown;
  readonly required: boolean;
  readonly description: string | undefined;
}

/** The value as an object; an empty one where it is none. */
export function asObject(value: unknown): JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as JsonSchema : {};
}

function choicesOf(read: JsonSchema): readonly unknown[] | undefined {
  for (const choices of [read.anyOf, read.oneOf]) if (Array.isArray(choices) && choices.length > 0) return choices;
  return undefined;
}

function typesOf(read: JsonSchema): readonly string[] {
  if (Array.isArray(read.type)) return read.type.map(String);
  if (typeof read.type === "string") return [read.type];
  return "properties" in read || "allOf" in read ? ["object"] : [];
}

function limitsOf(read: JsonSchema): string[] {
  const limits: string[] = [];
  const add = (keyword: string, text: (value: unknown) => string): void => {
    if (read[keyword] !== undefined) limits.push(text(read[keyword]));
  };
  add("minimum", (value) => `at least ${value}`);
  add("exclusiveMinimum", (value) => `more than ${value}`);
  add("maximum", (value) => `at most ${value}`);
  add("exclusiveMaximum", (value) => `less than ${value}`);
  add("multipleOf", (value) => `a multiple of ${value}`);
  add("minLength", (value) => `at least ${value} characters`);
  add("maxLength", (value) => `at most ${value} characters`);
  add("minItems", (value) => `at least ${value} of them`);
  add("maxItems", (value) => `at most ${value} of them`);
  add("pattern", (value) => `like ${String(value).slice(0, longestPattern)}`);
  return limits;
}

const sampleTexts: Readonly<Record<string, string>> = {
  "date-time": "2026-01-31T12:00:00Z",
  date: "2026-01-31",
  time: "12:00:00Z",
  email: "ada@example.com",
  uuid: "123e4567-e89b-42d3-a456-426614174000",
  uri: "https://example.com/",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
};

function sampleText(read: JsonSchema): string {
  const known = typeof read.format === "string" ? sampleTexts[read.format] : undefined;
  if (known !== undefined) return known;
  const length = Math.min(numberOr(read.minLength, 0), 256);
  return "text".padEnd(length, "x").slice(0, numberOr(read.maxLength, 256));
}

function sampleNumber(read: JsonSchema): number {
  const step = numberOr(read.multipleOf, 1);
  if (typeof read.minimum === "number") return read.minimum;
  if (typeof read.exclusiveMinimum === "number") return read.exclusiveMinimum + step;
  const value = read.multipleOf === undefined ? 1 : step;
  if (typeof read.maximum === "number") return Math.min(value, read.maximum);
  return typeof read.exclusiveMaximum === "number" ? Math.min(value, read.exclusiveMaximum - step) : value;
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}
