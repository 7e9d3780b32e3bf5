import type { SchemaInput, StandardIssue, StandardSchema } from "../contract/standard-schema.ts";
import { standardJsonSchema } from "../describe/standard-json-schema.ts";
import { isValibotSchema } from "../describe/valibot-schema.ts";
import { jsonSchemaShape } from "./json-schema-shape.ts";
import { type Fullness, sampleValue } from "./sample-value.ts";
import { seededRandom } from "./seeded-random.ts";
import type { Shape } from "./shape.ts";
import { spoilValue } from "./spoil-value.ts";
import { ValibotShapes } from "./valibot-shape.ts";

/**
 * Options of the functions that generate values.
 *
 * @example
 * ```ts
 * import type { GenerateOptions } from "@magicbutton/messaging/testing";
 *
 * const options: GenerateOptions = { seed: 7, count: 3, invalidCount: 20 };
 * ```
 */
export interface GenerateOptions<Input = unknown> {
  /** The same seed gives the same values. @default 1 */
  readonly seed?: number;
  /** How many valid values at most; fewer where there are not so many different ones. @default 10 */
  readonly count?: number;
  /** How many invalid values at most. @default 200 */
  readonly invalidCount?: number;
  /**
   * Valid values to use in place of generated ones: for a schema with a check that nobody can guess, or a service that
   * knows only some. Invalid values are made of the first. @default none
   */
  readonly examples?: readonly Input[];
}

/** A value that its schema refuses. */
export interface InvalidValue {
  /** What is wrong with it, such as `"quantity" is below 1`. */
  readonly name: string;
  /** Where: the keys from the value's root, joined by dots; empty for the value itself. */
  readonly path: string;
  /** The value: JSON, or `undefined`, for which nothing travels. */
  readonly value: unknown;
}

/** Values of one schema, as they travel. */
export interface GeneratedValues<Input = unknown> {
  /** Values that the schema takes: all are different, the first has all of its fields, the second as few as it may have. */
  readonly valid: readonly Input[];
  /** Values that the schema refuses, each for a reason of its own; none where the schema takes everything. */
  readonly invalid: readonly InvalidValue[];
}

/** How often a value is made that may not fit, for each one that is wanted. */
const attemptsPerValue = 50;
const leastAttempts = 500;

/**
 * Generates values that a schema takes and values that it refuses. Valibot schemas are read, others by the JSON Schema
 * that they write of themselves. Each value has been checked by the schema.
 *
 * @throws {TypeError} where no valid value can be generated, or one of the examples is not valid
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { generateValues } from "@magicbutton/messaging/testing";
 *
 * const { valid, invalid } = await generateValues(v.object({ quantity: v.pipe(v.number(), v.minValue(1)) }), { seed: 7 });
 * console.log(valid[0]?.quantity, invalid.map(({ name }) => name));
 * ```
 */
export function generateValues<Schema extends StandardSchema>(
  schema: Schema,
  options: GenerateOptions<SchemaInput<Schema>> = {},
): Promise<GeneratedValues<SchemaInput<Schema>>> {
  return generateLabelled(schema, "this schema", options);
}

/**
 * The same with a name for error texts, such as `request "createOrder"`. `refusal` says why a value that fits the schema is
 * no valid one all the same.
 */
export async function generateLabelled<Input>(
  schema: StandardSchema,
  label: string,
  options: GenerateOptions,
  refusal: (value: unknown) => string | undefined = () => undefined,
): Promise<GeneratedValues<Input>> {
  const { seed = 1, count = 10, invalidCount = 200, examples = [] } = options;
  for (const [name, value] of Object.entries({ count, invalidCount })) {
    if (!Number.isInteger(value) || value < 1 || value > 10_000) {
      throw new TypeError(
        `Cannot use \`${name}\`: a whole number from 1 to 10000 is wanted, current value is ${value}`,
      );
    }
  }
  const shape = shapeOf(schema);
  const making: Making = { schema, label, shape, seed, refusal };
  const valid = examples.length > 0 ? await checkExamples(making, examples) : await makeValid(making, count);
  return { valid: valid as Input[], invalid: await makeInvalid(making, valid[0], invalidCount) };
}

interface Making {
  readonly schema: StandardSchema;
  readonly label: string;
  readonly shape: Shape;
  readonly seed: number;
  readonly refusal: (value: unknown) => string | undefined;
}

function shapeOf(schema: StandardSchema): Shape {
  if (isValibotSchema(schema)) return new ValibotShapes().of(schema);
  const described = standardJsonSchema(schema, { draft: "draft-2020-12", prefix: "#/$defs/" });
  return described === undefined ? { kind: "unknown" } : jsonSchemaShape(described);
}

async function checkExamples(making: Making, examples: readonly unknown[]): Promise<readonly unknown[]> {
  for (const [index, example] of examples.entries()) {
    const refusal = await refusalOf(making, example);
    if (refusal !== undefined) {
      throw new TypeError(`Example ${index} for ${making.label} does not fit its schema: ${refusal}`);
    }
  }
  return examples;
}

async function makeValid(making: Making, count: number): Promise<readonly unknown[]> {
  const { label, shape, seed } = making;
  const random = seededRandom(seed);
  const made = new Map<string, unknown>();
  const refusals = new Map<string, number>();
  const attempts = Math.max(leastAttempts, count * attemptsPerValue);
  for (let attempt = 0; attempt < attempts && made.size < count; attempt++) {
    const fullness: Fullness = made.size === 0 ? "most" : made.size === 1 && attempt < attempts / 4 ? "least" : "some";
    let refusal: string | undefined;
    try {
      // Half of the time the first may be anything: with all its fields there may be no end to it.
      const value = asTravels(sampleValue(shape, random, attempt > attempts / 2 ? "some" : fullness));
      refusal = await refusalOf(making, value);
      if (refusal === undefined) {
        made.set(keyOf(value), value);
        continue;
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      refusal = error.message;
    }
    refusals.set(refusal, (refusals.get(refusal) ?? 0) + 1);
  }
  if (made.size > 0) return [...made.values()];
  const [most] = [...refusals].sort(([, one], [, other]) => other - one);
  throw new TypeError(
    `Cannot generate a valid value for ${label}: of ${attempts} that were made none fits, most often because of ${
      most?.[0]
    }; give some by \`examples\``,
  );
}

async function makeInvalid(making: Making, first: unknown, count: number): Promise<readonly InvalidValue[]> {
  const { schema, shape, seed } = making;
  const made = new Map<string, InvalidValue>();
  const names = new Map<string, number>();
  for (const { path, what, value } of spoilValue(shape, first, seededRandom(seed + 1))) {
    const carried = asTravels(value);
    const key = keyOf(carried);
    if (made.has(key) || await issuesOf(schema, carried) === undefined) continue;
    const where = path.join(".");
    const name = `${where === "" ? "the value" : JSON.stringify(where)} ${what}`;
    const uses = (names.get(name) ?? 0) + 1;
    names.set(name, uses);
    made.set(key, { name: uses === 1 ? name : `${name} (${uses})`, path: where, value: carried });
    if (made.size >= count) break;
  }
  return [...made.values()];
}

/** What the other side reads of it. */
function asTravels(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function keyOf(value: unknown): string {
  return JSON.stringify(value) ?? "undefined";
}

async function refusalOf({ schema, refusal }: Making, value: unknown): Promise<string | undefined> {
  const issues = await issuesOf(schema, value);
  return issues === undefined ? refusal(value) : issueText(issues);
}

async function issuesOf(schema: StandardSchema, value: unknown): Promise<readonly StandardIssue[] | undefined> {
  // A copy: a schema may keep what it is given in its output.
  const { issues } = await schema["~standard"].validate(structuredClone(value));
  return issues;
}

function issueText(issues: readonly StandardIssue[]): string {
  const [issue] = issues;
  const path = (issue?.path ?? []).map((part) => String(typeof part === "object" ? part.key : part)).join(".");
  const text = String(issue?.message ?? "no reason given").slice(0, 256);
  return path === "" ? `"${text}"` : `"${text}" at "${path.slice(0, 128)}"`;
}
