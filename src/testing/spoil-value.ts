import { samplePattern } from "./sample-pattern.ts";
import { sampleValue } from "./sample-value.ts";
import type { SeededRandom } from "./seeded-random.ts";
import {
  type ListShape,
  type NumberShape,
  type ObjectShape,
  resolveShape,
  type Shape,
  type TextShape,
} from "./shape.ts";

/** A value with one thing wrong, as far as its shape tells; its schema has the last word. */
export interface SpoiledValue {
  /** Where: keys from the root. */
  readonly path: readonly string[];
  /** What is wrong there. */
  readonly what: string;
  /** The whole value. */
  readonly value: unknown;
}

/** How deep something is made wrong. */
const deepest = 6;
const longestText = 100_000;
/** So many of one value at most: a wide contract must not make a test without end. */
const mostSpoiled = 400;

/** One wrong thing at its own place. */
interface Flaw {
  readonly path: readonly string[];
  readonly what: string;
  readonly value: unknown;
  /** Where the value stands, with the wrong thing in it: where that is in something that was not there. @default the path */
  readonly at?: readonly string[];
}

/** Makes a value wrong in every way that its shape knows of, one way at a time. */
export function spoilValue(shape: Shape, value: unknown, random: SeededRandom): readonly SpoiledValue[] {
  const spoiled: SpoiledValue[] = [];
  for (const { path, what, value: wrong, at = path } of flawsOf(shape, value, random, [])) {
    spoiled.push({ path, what, value: replaced(value, at, wrong) });
    if (spoiled.length >= mostSpoiled) break;
  }
  return spoiled;
}

function* flawsOf(shape: Shape, value: unknown, random: SeededRandom, path: readonly string[]): Generator<Flaw> {
  if (path.length > deepest) return;
  const flaw = (what: string, wrong: unknown): Flaw => ({ path, what, value: wrong });
  const found = resolveShape(shape);
  switch (found.kind) {
    case "text":
      yield* otherTypes(value, path);
      return yield* textFlaws(found, String(value), random, flaw);
    case "number":
      yield* otherTypes(value, path);
      return yield* numberFlaws(found, flaw);
    case "values":
      yield flaw("is none of the values that are allowed", typeof value === "number" ? 987_654.5 : "no such value");
      return yield* otherTypes(value, path);
    case "list":
      yield* otherTypes(value, path);
      return yield* listFlaws(found, Array.isArray(value) ? value : [], random, path);
    case "object":
      yield* otherTypes(value, path);
      return yield* objectFlaws(found, isRecord(value) ? value : {}, random, path);
    case "maybe":
      for (const none of [null, undefined]) {
        if (!found.nothing.includes(none)) yield flaw(none === null ? "is null" : "is missing", none);
      }
      return yield* value === null || value === undefined
        ? flawsOfSample(found.shape, random, path)
        : flawsOf(found.shape, value, random, path);
    case "union":
    case "all":
      yield* otherTypes(value, path);
      for (const part of found.kind === "union" ? found.options : found.parts) {
        // The value is of one of them: what is wrong for another may be right as a whole, which the schema knows.
        if (resolveShape(part).kind !== "union") yield* flawsOf(part, value, random, path);
      }
      return;
    default:
      yield* otherTypes(value, path);
  }
}

/** The same of a value that was not there: it comes whole, with the wrong thing in it. */
function* flawsOfSample(shape: Shape, random: SeededRandom, path: readonly string[]): Generator<Flaw> {
  const sample = sampleOr(shape, random);
  for (const { path: inner, what, value, at = inner } of flawsOf(shape, sample, random, path)) {
    yield { path: inner, what, value: replaced(sample, at.slice(path.length), value), at: path };
  }
}

const ofEachType: readonly (readonly [what: string, value: unknown])[] = [
  ["is null", null],
  ["is missing", undefined],
  ["is a boolean", true],
  ["is a number", 42.5],
  ["is a text", "no such value"],
  ["is a list", ["no such value"]],
  ["is an object", { noSuchField: true }],
];

function* otherTypes(value: unknown, path: readonly string[]): Generator<Flaw> {
  for (const [what, wrong] of ofEachType) {
    const isSameType = typeof wrong === typeof value && Array.isArray(wrong) === Array.isArray(value) && wrong !== null;
    if (!isSameType) yield { path, what, value: wrong };
  }
}

function* textFlaws(
  { minLength, maxLength, patterns, format, start, end, includes }: TextShape,
  value: string,
  random: SeededRandom,
  flaw: (what: string, wrong: unknown) => Flaw,
): Generator<Flaw> {
  if (minLength > 0) yield flaw(`is shorter than ${minLength}`, value.slice(0, minLength - 1));
  if (maxLength < longestText) yield flaw(`is longer than ${maxLength}`, value.padEnd(maxLength + 1, "abcdefgh"));
  if (format !== undefined) yield flaw(`is no ${format}`, `no such ${format}`);
  for (const pattern of patterns) {
    for (const wrong of ["", "no such value", "~", value.slice(1), `${value} `, samplePattern(/.{3}/, random)]) {
      if (wrong !== undefined && !new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, "")).test(wrong)) {
        yield flaw("does not match its pattern", wrong);
        break;
      }
    }
  }
  if (start !== "") yield flaw(`does not start with ${JSON.stringify(start)}`, `~${value}`);
  if (end !== "") yield flaw(`does not end with ${JSON.stringify(end)}`, `${value}~`);
  for (const part of includes) yield flaw(`does not include ${JSON.stringify(part)}`, value.replaceAll(part, ""));
  // A check that the shape does not know of is broken by one of these more often than not.
  for (const wrong of ["", "no such value"]) yield flaw(`is ${JSON.stringify(wrong)}`, wrong);
}

function* numberFlaws(
  { minimum, maximum, aboveMinimum, belowMaximum, integer, multipleOf }: NumberShape,
  flaw: (what: string, wrong: unknown) => Flaw,
): Generator<Flaw> {
  const step = multipleOf ?? 1;
  if (Number.isFinite(minimum)) {
    if (aboveMinimum) yield flaw(`is ${minimum} and not above`, minimum);
    else yield flaw(`is below ${minimum}`, below(minimum, step));
  }
  if (Number.isFinite(maximum)) {
    if (belowMaximum) yield flaw(`is ${maximum} and not below`, maximum);
    else yield flaw(`is above ${maximum}`, -below(-maximum, step));
  }
  const inside = Number.isFinite(minimum) ? minimum : Number.isFinite(maximum) ? maximum - 1 : 0;
  if (integer) yield flaw("is no whole number", Math.floor(inside) + 0.5);
  if (multipleOf !== undefined) {
    const multiple = Math.ceil(inside / multipleOf) * multipleOf;
    yield flaw(`is no multiple of ${multipleOf}`, multiple + multipleOf / 2);
    yield flaw(`is no multiple of ${multipleOf}`, multiple + 1);
  }
}

/** A number that is less by a step, also where it is so large that a step makes no difference. */
function below(number: number, step: number): number {
  return number - step < number ? number - step : number - Math.abs(number) / 2;
}

function* listFlaws(
  { first, required, rest, closed, minLength, maxLength }: ListShape,
  list: readonly unknown[],
  random: SeededRandom,
  path: readonly string[],
): Generator<Flaw> {
  const least = Math.max(minLength, required);
  if (least > 0) yield { path, what: `has fewer than ${least} items`, value: list.slice(0, least - 1) };
  const item = (): unknown => list.at(-1) ?? sampleOr(rest ?? { kind: "unknown" }, random) ?? null;
  if (closed) {
    yield { path, what: `has more than ${first.length} items`, value: [...list, item()] };
  } else if (maxLength < longestText) {
    const value = [...list, ...Array.from({ length: maxLength + 1 - list.length }, item)];
    yield { path, what: `has more than ${maxLength} items`, value };
  }
  const shapes = [...first, ...(rest === undefined || list.length <= first.length ? [] : [rest])];
  for (const [index, shape] of shapes.entries()) {
    if (index < list.length) yield* flawsOf(shape, list[index], random, [...path, String(index)]);
  }
}

function* objectFlaws(
  { fields, keys, rest, closed, minEntries, maxEntries }: ObjectShape,
  object: Readonly<Record<string, unknown>>,
  random: SeededRandom,
  path: readonly string[],
): Generator<Flaw> {
  for (const [name, { shape }] of fields) {
    const inner = [...path, name];
    yield* Object.hasOwn(object, name)
      ? flawsOf(shape, object[name], random, inner)
      : flawsOfSample(shape, random, inner);
  }
  const extra = Object.keys(object).find((name) => !fields.has(name));
  if (rest !== undefined) {
    const inner = [...path, extra ?? (keys === undefined ? "extra" : String(sampleOr(keys, random)))];
    yield* extra === undefined ? flawsOfSample(rest, random, inner) : flawsOf(rest, object[extra], random, inner);
  }
  const another = extra === undefined ? sampleOr(rest ?? { kind: "unknown" }, random) ?? null : object[extra];
  if (closed) yield { path: [...path, "noSuchField"], what: "is a field that is not allowed", value: true };
  if (keys !== undefined) {
    yield { path: [...path, "~ no such key"], what: "is a key that is not allowed", value: another };
  }
  if (minEntries > 0) yield { path, what: `has fewer than ${minEntries} entries`, value: cut(object, minEntries - 1) };
  if (maxEntries < longestText) {
    const more = Array.from({ length: maxEntries + 1 }, (_, index) => [`more${index}`, another] as const);
    yield { path, what: `has more than ${maxEntries} entries`, value: { ...object, ...Object.fromEntries(more) } };
  }
}

function cut(object: Readonly<Record<string, unknown>>, count: number): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).slice(0, count));
}

function sampleOr(shape: Shape, random: SeededRandom): unknown {
  try {
    return sampleValue(shape, random, "most");
  } catch {
    return undefined;
  }
}

function replaced(whole: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(whole)) {
    const index = Number(key);
    return [...whole.slice(0, index), replaced(whole[index], rest, value), ...whole.slice(index + 1)];
  }
  const { [key]: inner, ...others } = isRecord(whole) ? whole : {};
  const changed = replaced(inner, rest, value);
  return changed === undefined ? others : { ...others, [key]: changed };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
