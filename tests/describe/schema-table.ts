import * as v from "valibot";

/** One schema with values on both sides of it. */
export interface SchemaCase {
  readonly schema: v.GenericSchema | v.GenericSchemaAsync;
  /** JSON that it takes, at least one. */
  readonly valid: readonly unknown[];
  /** JSON that it refuses, beside what the test makes up. */
  readonly invalid?: readonly unknown[];
  /** JSON Schema takes more than Valibot does here; a format, which does not decide, needs no comment on that. */
  readonly wide?: "with a comment" | "by a format";
}

interface Node {
  readonly value: number;
  readonly next: Node | null;
}

const list: v.GenericSchema<Node> = v.object({ value: v.number(), next: v.nullable(v.lazy(() => list)) });
const digitPairs = v.object({ a: v.string(), b: v.optional(v.number()) });

/** A schema that stands in itself without a `lazy`. */
const ring = v.object({ next: v.optional(v.unknown()) });
Object.assign(ring.entries, { next: v.optional(ring) });

/** A schema that has a new one in it each time it is asked. */
function endless(): v.GenericSchema<unknown> {
  return v.object({ more: v.optional(v.lazy(() => endless())) });
}

/** Schemas of every kind that a contract takes. */
export const schemaTable: Readonly<Record<string, SchemaCase>> = {
  // Schemas.
  any: { schema: v.any(), valid: [1, null, { a: [] }] },
  array: { schema: v.array(v.number()), valid: [[], [1, 2]], invalid: [["1"]] },
  boolean: { schema: v.boolean(), valid: [true, false] },
  custom: {
    schema: v.custom<string>((value) => typeof value === "string" && value !== ""),
    valid: ["a"],
    wide: "with a comment",
  },
  enum: { schema: v.enum({ up: "UP", down: "DOWN", also: "UP" } as const), valid: ["UP"], invalid: ["up"] },
  "enum of numbers": {
    schema: v.enum({ one: 1, two: 2, text: "three" } as const),
    valid: [1, "three"],
    invalid: ["1"],
  },
  "exact optional": {
    schema: v.object({ a: v.exactOptional(v.string()) }),
    valid: [{}, { a: "x" }],
    invalid: [{ a: 1 }],
  },
  intersect: {
    schema: v.intersect([v.object({ a: v.string() }), v.object({ b: v.number() })]),
    valid: [{ a: "x", b: 1 }],
    invalid: [{ a: "x" }, { b: 1 }],
  },
  lazy: {
    schema: list,
    valid: [{ value: 1, next: { value: 2, next: null } }],
    invalid: [{ value: 1, next: { value: 2 } }],
  },
  "lazy by value": {
    schema: v.lazy((input) => typeof input === "string" ? v.string() : v.number()),
    valid: ["a", 1],
    wide: "with a comment",
  },
  "lazy without end": { schema: endless(), valid: [{ more: { more: {} } }], invalid: [1] },
  "in itself": { schema: ring, valid: [{}, { next: { next: {} } }], invalid: [{ next: 1 }] },
  literal: { schema: v.literal("on"), valid: ["on"], invalid: ["off"] },
  "literal number": { schema: v.literal(0), valid: [0], invalid: [false] },
  "loose object": { schema: v.looseObject({ a: v.string() }), valid: [{ a: "x", b: 1 }], invalid: [{ b: 1 }] },
  "loose tuple": { schema: v.looseTuple([v.string()]), valid: [["a"], ["a", 1]], invalid: [[]] },
  never: { schema: v.object({ a: v.optional(v.never()) }), valid: [{}], invalid: [{ a: 1 }] },
  "non nullable": { schema: v.nonNullable(v.nullable(v.string())), valid: ["a"], invalid: [null] },
  "non nullable of a union": {
    schema: v.nonNullable(v.union([v.null(), v.string(), v.literal(false)])),
    valid: ["a", false],
    invalid: [null, true],
  },
  "non nullish": {
    schema: v.object({ a: v.nonNullish(v.nullish(v.string())) }),
    valid: [{ a: "x" }],
    invalid: [{}, { a: null }],
  },
  "non optional": {
    schema: v.object({ a: v.nonOptional(v.optional(v.string())) }),
    valid: [{ a: "x" }],
    invalid: [{}],
  },
  "non optional of nullish": {
    schema: v.object({ a: v.nonOptional(v.nullish(v.string())) }),
    valid: [{ a: "x" }, { a: null }],
    invalid: [{}],
  },
  null: { schema: v.null(), valid: [null] },
  nullable: { schema: v.nullable(v.string()), valid: [null, "a"], invalid: [1] },
  "nullable with default": { schema: v.nullable(v.string(), "x"), valid: [null, "a"], invalid: [1] },
  nullish: {
    schema: v.object({ a: v.nullish(v.string(), "x") }),
    valid: [{}, { a: null }, { a: "x" }],
    invalid: [{ a: 1 }],
  },
  number: { schema: v.number(), valid: [0, -1.5, 1e300] },
  object: {
    schema: v.object({ a: v.string(), b: v.optional(v.number()) }),
    valid: [{ a: "x" }, { a: "x", b: 1, c: 2 }],
  },
  "object with rest": {
    schema: v.objectWithRest({ a: v.string() }, v.number()),
    valid: [{ a: "x" }, { a: "x", b: 1 }],
    invalid: [{ a: "x", b: "1" }],
  },
  optional: { schema: v.object({ a: v.optional(v.string(), "x") }), valid: [{}, { a: "y" }], invalid: [{ a: null }] },
  "optional by function": {
    schema: v.object({ a: v.optional(v.string(), () => crypto.randomUUID()) }),
    valid: [{}, { a: "y" }],
  },
  "optional date": {
    schema: v.object({ a: v.optional(v.pipe(v.string(), v.isoTimestamp(), v.toDate()), "2026-01-01T00:00:00Z") }),
    valid: [{}, { a: "2026-11-24T10:00:00Z" }],
    invalid: [{ a: "yesterday" }],
  },
  picklist: { schema: v.picklist(["a", "b", 3]), valid: ["a", 3], invalid: ["c"] },
  "picklist of one": { schema: v.picklist(["a"]), valid: ["a"], invalid: ["b"] },
  "picklist of none": {
    schema: v.optional(v.object({ a: v.optional(v.picklist([])) })),
    valid: [{}],
    invalid: [{ a: "a" }],
  },
  record: { schema: v.record(v.string(), v.number()), valid: [{}, { a: 1 }], invalid: [{ a: "1" }] },
  "record by list": {
    schema: v.record(v.picklist(["a", "b"]), v.number()),
    valid: [{}, { a: 1 }, { a: 1, b: 2 }],
    invalid: [{ c: 1 }],
  },
  "record by pattern": {
    schema: v.record(v.pipe(v.string(), v.regex(/^x-/)), v.number()),
    valid: [{}, { "x-a": 1 }],
    invalid: [{ a: 1 }],
  },
  "strict object": { schema: v.strictObject({ a: v.string() }), valid: [{ a: "x" }], invalid: [{ a: "x", b: 1 }] },
  "strict tuple": { schema: v.strictTuple([v.string(), v.number()]), valid: [["a", 1]], invalid: [["a"], ["a", 1, 2]] },
  string: { schema: v.string(), valid: ["", "a", "😀"] },
  tuple: { schema: v.tuple([v.string(), v.number()]), valid: [["a", 1], ["a", 1, "more"]], invalid: [["a"]] },
  "tuple of nothing": { schema: v.strictTuple([]), valid: [[]], invalid: [[1]] },
  "tuple with optional": {
    schema: v.tuple([v.string(), v.optional(v.number()), v.nullish(v.string())]),
    valid: [["a"], ["a", 1], ["a", 1, null]],
    invalid: [[], ["a", "b"]],
  },
  "tuple with rest": {
    schema: v.tupleWithRest([v.string()], v.number()),
    valid: [["a"], ["a", 1]],
    invalid: [["a", "b"]],
  },
  undefinedable: { schema: v.object({ a: v.undefinedable(v.string()) }), valid: [{ a: "x" }], invalid: [{}] },
  union: { schema: v.union([v.string(), v.number()]), valid: ["a", 1], invalid: [true] },
  "union with what JSON cannot carry": {
    schema: v.union([v.date(), v.bigint(), v.string()]),
    valid: ["2026-01-01T00:00:00.000Z"],
    invalid: [1],
  },
  "union of none": {
    schema: v.object({ a: v.optional(v.union([])), b: v.optional(v.intersect([])) }),
    valid: [{}],
    invalid: [{ a: 1 }],
  },
  unknown: { schema: v.object({ a: v.unknown() }), valid: [{ a: null }, { a: [1] }], invalid: [{}] },
  variant: {
    schema: v.variant("kind", [
      v.object({ kind: v.literal("a"), x: v.string() }),
      v.variant("kind", [v.object({ kind: v.picklist(["b", "c"]), y: v.number() })]),
    ]),
    valid: [{ kind: "a", x: "x" }, { kind: "c", y: 1 }],
    invalid: [{ kind: "a", y: 1 }, { kind: "d" }],
  },
  "variant with the same kind": {
    schema: v.variant("kind", [
      v.object({ kind: v.literal("a"), x: v.string() }),
      v.object({ kind: v.literal("a"), y: v.number() }),
    ]),
    valid: [{ kind: "a", x: "x", y: 1 }],
    invalid: [{ kind: "a" }],
  },
  "of promises": {
    schema: v.pipeAsync(
      v.objectAsync({ a: v.optionalAsync(v.arrayAsync(v.string())) }),
      v.checkAsync((value) => Promise.resolve(value.a?.[0] !== "no")),
    ),
    valid: [{}, { a: ["yes"] }],
    invalid: [{ a: "no" }],
    wide: "with a comment",
  },
  fallback: { schema: v.object({ a: v.fallback(v.number(), 5) }), valid: [{}, { a: 1 }, { a: "one" }], invalid: ["a"] },

  // Pipes.
  "changed before it is checked": {
    schema: v.pipe(v.string(), v.trim(), v.minLength(2), v.maxLength(3)),
    valid: ["   abc   "],
    wide: "with a comment",
  },
  "upper case before a pattern": {
    schema: v.pipe(v.string(), v.toLowerCase(), v.regex(/^[a-z]$/)),
    valid: ["A"],
    wide: "with a comment",
  },
  "transformed": {
    schema: v.pipe(v.string(), v.digits(), v.transform(Number), v.number(), v.minValue(5)),
    valid: ["7"],
    wide: "with a comment",
  },
  "changed inside": {
    schema: v.pipe(v.union([v.pipe(v.string(), v.trim()), v.array(v.string())]), v.maxLength(2)),
    valid: ["  ab  "],
    wide: "with a comment",
  },
  "default before a check": {
    schema: v.pipe(v.nullable(v.number(), 5), v.value(5)),
    valid: [null, 5],
    wide: "with a comment",
  },
  "a pipe in a pipe": {
    schema: v.pipe(v.pipe(v.string(), v.minLength(2)), v.pipe(v.string(), v.maxLength(3))),
    valid: ["ab"],
    invalid: ["a", "abcd"],
  },
  "a schema in a pipe": {
    schema: v.pipe(v.string(), v.picklist(["a", "b"]), v.title("Letter")),
    valid: ["a"],
    invalid: ["c"],
  },
  "checks of its own": {
    schema: v.pipe(v.number(), v.check((value) => value > 3), v.maxValue(9)),
    valid: [5],
    invalid: [10],
    wide: "with a comment",
  },
  "of a brand": { schema: v.pipe(v.string(), v.brand("Id"), v.readonly()), valid: ["a"] },
  "told of": {
    schema: v.pipe(
      v.string(),
      v.examples(["a", "b"]),
      v.metadata({ title: "Told", type: "number", deprecated: true, "x-owner": { team: 1 }, required: "yes", big: 1n }),
    ),
    valid: ["a"],
  },
  "strings with several patterns": {
    schema: v.pipe(v.string(), v.startsWith("a."), v.endsWith("+z"), v.includes("$"), v.regex(/\d/u)),
    valid: ["a.$1+z"],
    invalid: ["ab$1+z", "a.$1z", "a.1+z", "a.$+z"],
  },
  "patterns with flags": {
    schema: v.pipe(v.string(), v.regex(/^[a-z]+$/i)),
    valid: ["ABC"],
    invalid: [1],
    wide: "with a comment",
  },
  "patterns of old": {
    schema: v.pipe(v.string(), v.regex(/^a\-b\/{$/)),
    valid: ["a-b/{"],
    invalid: [1],
    wide: "with a comment",
  },
  "entries of a stripped object": {
    schema: v.pipe(digitPairs, v.maxEntries(1)),
    valid: [{ a: "x", more: 1, most: 2 }],
    wide: "with a comment",
  },
  "length of a tuple": {
    schema: v.pipe(v.tuple([v.string()]), v.maxLength(1)),
    valid: [["a", "b"]],
    wide: "with a comment",
  },

  // Actions.
  base64: { schema: v.pipe(v.string(), v.base64()), valid: ["YWJj"], wide: "by a format" },
  bic: { schema: v.pipe(v.string(), v.bic()), valid: ["DEUTDEFF"], invalid: ["deutdeff"] },
  cuid2: { schema: v.pipe(v.string(), v.cuid2()), valid: ["tz4a98xxat96iws9zmbrgj3a"], invalid: ["1a"] },
  decimal: { schema: v.pipe(v.string(), v.decimal()), valid: ["-1.5"], invalid: ["1,5"] },
  digits: { schema: v.pipe(v.string(), v.digits()), valid: ["123"], invalid: ["12a"] },
  domain: { schema: v.pipe(v.string(), v.domain()), valid: ["a.example.com"], invalid: ["a b.example"] },
  email: { schema: v.pipe(v.string(), v.email()), valid: ["Ann@example.com"], invalid: ["ann"], wide: "by a format" },
  emoji: { schema: v.pipe(v.string(), v.emoji()), valid: ["😀"], invalid: ["a"] },
  empty: { schema: v.pipe(v.array(v.string()), v.empty()), valid: [[]], invalid: [["a"]] },
  "ends with": { schema: v.pipe(v.string(), v.endsWith("a.")), valid: ["ba."], invalid: ["bab"] },
  entries: {
    schema: v.pipe(v.record(v.string(), v.number()), v.entries(1)),
    valid: [{ a: 1 }],
    invalid: [{}, { a: 1, b: 2 }],
  },
  excludes: { schema: v.pipe(v.string(), v.excludes("a")), valid: ["b"], wide: "with a comment" },
  finite: { schema: v.pipe(v.number(), v.finite()), valid: [1] },
  "hex color": { schema: v.pipe(v.string(), v.hexColor()), valid: ["#FFaa00"], invalid: ["FFaa00"] },
  hash: {
    schema: v.pipe(v.string(), v.hash(["md5"])),
    valid: ["D41D8CD98F00B204E9800998ECF8427E"],
    invalid: ["D41D8CD9"],
  },
  integer: { schema: v.pipe(v.number(), v.integer()), valid: [3], invalid: [3.5] },
  ip: { schema: v.pipe(v.string(), v.ip()), valid: ["127.0.0.1", "::1"], wide: "with a comment" },
  ipv4: { schema: v.pipe(v.string(), v.ipv4()), valid: ["127.0.0.1"], invalid: ["::1"] },
  ipv6: { schema: v.pipe(v.string(), v.ipv6()), valid: ["::1"], invalid: ["127.0.0.1"] },
  "iso date": { schema: v.pipe(v.string(), v.isoDate()), valid: ["2026-11-24"], invalid: ["24.11.2026"] },
  "iso date time": {
    schema: v.pipe(v.string(), v.isoDateTime()),
    valid: ["2026-11-24T10:30"],
    invalid: ["2026-11-24"],
  },
  "iso time": { schema: v.pipe(v.string(), v.isoTime()), valid: ["10:30"], invalid: ["25:30"] },
  "iso time second": { schema: v.pipe(v.string(), v.isoTimeSecond()), valid: ["10:30:59"], invalid: ["10:30"] },
  "iso timestamp": {
    schema: v.pipe(v.string(), v.isoTimestamp()),
    valid: ["2026-11-24T10:30:00.123Z", "2026-11-24T10:30:00+01:00"],
    invalid: ["2026-11-24T10:30"],
  },
  "iso week": { schema: v.pipe(v.string(), v.isoWeek()), valid: ["2026-W48"], invalid: ["2026-48"] },
  length: { schema: v.pipe(v.string(), v.length(2)), valid: ["ab"], invalid: ["a", "abc"] },
  "length of an array": {
    schema: v.pipe(v.array(v.number()), v.length(2)),
    valid: [[1, 2]],
    invalid: [[1], [1, 2, 3]],
  },
  "greater than": { schema: v.pipe(v.number(), v.gtValue(1)), valid: [1.5], invalid: [1] },
  "less than": { schema: v.pipe(v.number(), v.ltValue(1)), valid: [0.5], invalid: [1] },
  "least of a text": { schema: v.pipe(v.string(), v.minValue("b")), valid: ["c"], wide: "with a comment" },
  mac: { schema: v.pipe(v.string(), v.mac()), valid: ["00:1A:2b:3c:4d:5e"], invalid: ["00:1A"] },
  "max entries": {
    schema: v.pipe(v.record(v.string(), v.number()), v.maxEntries(1)),
    valid: [{}],
    invalid: [{ a: 1, b: 2 }],
  },
  "max length": { schema: v.pipe(v.string(), v.maxLength(2)), valid: ["ab"], invalid: ["abc"] },
  "max value": { schema: v.pipe(v.number(), v.maxValue(2), v.maxValue(5)), valid: [2], invalid: [3] },
  "min length": { schema: v.pipe(v.array(v.string()), v.minLength(1)), valid: [["a"]], invalid: [[]] },
  "min value": { schema: v.pipe(v.number(), v.minValue(2)), valid: [2], invalid: [1] },
  "multiple of": { schema: v.pipe(v.number(), v.multipleOf(3)), valid: [9, 0], invalid: [10] },
  "multiple of less than nothing": { schema: v.pipe(v.number(), v.multipleOf(-3)), valid: [9], wide: "with a comment" },
  nanoid: { schema: v.pipe(v.string(), v.nanoid()), valid: ["NOi6NWfhDRpgzBYFRR-uE"], invalid: ["a b"] },
  "non empty": { schema: v.pipe(v.string(), v.nonEmpty()), valid: ["a"], invalid: [""] },
  "not value": { schema: v.pipe(v.number(), v.notValue(3), v.notValue(4)), valid: [5], invalid: [3, 4] },
  "not values": { schema: v.pipe(v.string(), v.notValues(["a", "b"])), valid: ["c"], invalid: ["a"] },
  octal: { schema: v.pipe(v.string(), v.octal()), valid: ["0o17"], invalid: ["8"] },
  regex: { schema: v.pipe(v.string(), v.regex(/^[a-z]{2}$/u)), valid: ["ab"], invalid: ["AB"] },
  "rfc email": { schema: v.pipe(v.string(), v.rfcEmail()), valid: ["ann@localhost"], invalid: ["ann"] },
  "safe integer": { schema: v.pipe(v.number(), v.safeInteger()), valid: [3], invalid: [3.5, 2 ** 53] },
  slug: { schema: v.pipe(v.string(), v.slug()), valid: ["a-b"], invalid: ["A"] },
  "starts with": { schema: v.pipe(v.string(), v.startsWith("a/")), valid: ["a/b"], invalid: ["b"] },
  ulid: { schema: v.pipe(v.string(), v.ulid()), valid: ["01ARZ3NDEKTSV4RRFFQ69G5FAV"], invalid: ["a"] },
  url: {
    schema: v.pipe(v.string(), v.url()),
    valid: ["https://example.com/a"],
    wide: "with a comment",
  },
  uuid: {
    schema: v.pipe(v.string(), v.uuid()),
    valid: ["936DA01F-9ABD-4D9D-80C7-02AF85C822A8"],
    invalid: ["936DA01F"],
  },
  value: { schema: v.pipe(v.string(), v.value("a")), valid: ["a"], invalid: ["b"] },
  values: { schema: v.pipe(v.string(), v.values(["a", "b"])), valid: ["b"], invalid: ["c"] },
  words: { schema: v.pipe(v.string(), v.maxWords("en", 2)), valid: ["two words"], wide: "with a comment" },
};
