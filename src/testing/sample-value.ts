import { samplePattern } from "./sample-pattern.ts";
import type { SeededRandom } from "./seeded-random.ts";
import {
  type ListShape,
  type NumberShape,
  type ObjectShape,
  resolveShape,
  type Shape,
  type TextShape,
} from "./shape.ts";
import { someWords, textFormats } from "./text-formats.ts";

/** How much a value has of what it may have. */
export type Fullness = "least" | "some" | "most";

/** Deeper than this, a value has as little as it may have. */
const deepFrom = 4;
/** Deeper than this, none is made: a shape that has to stand in itself has no end. */
const deepest = 24;
const longestList = 10_000;
const longestText = 100_000;

const plainTexts = [
  "a",
  "A1",
  "alpha",
  "two words",
  " padded ",
  "0",
  "true",
  "null",
  "Zoë",
  "漢字",
  "😀",
  'a"b\\c\n\td',
  "",
];
const edgeNumbers = [0, 1, -1, 2, 10, 100, 0.5, -2.25, 1e6, 1e21, 2 ** 31, Number.MAX_SAFE_INTEGER];
const anything = [null, true, 1, 12, 0.5, "a", "alpha", "1", "12", "2026-11-24", [], ["a"], [1], {}, { a: "a" }, {
  id: "1",
}];

/** Makes one value of a shape; the schema has to be asked whether it takes it. @throws {RangeError} where none can be made */
export function sampleValue(shape: Shape, random: SeededRandom, fullness: Fullness, depth = 0): unknown {
  if (depth > deepest) throw new RangeError("the schema has itself in it without an end");
  const { examples } = shape;
  if (examples !== undefined && examples.length > 0 && random.below(2) === 0) return random.pick(examples);
  const wanted = depth > deepFrom ? "least" : fullness;
  switch (shape.kind) {
    case "text":
      return sampleText(shape, random);
    case "number":
      return sampleNumber(shape, random);
    case "values":
      return random.pick(shape.values);
    case "list":
      return sampleList(shape, random, wanted, depth);
    case "object":
      return sampleObject(shape, random, wanted, depth);
    case "maybe":
      return isLeftOut(wanted, random)
        ? random.pick(shape.nothing)
        : sampleValue(shape.shape, random, wanted, depth + 1);
    case "union":
      return sampleValue(chooseOption(shape.options, random, depth), random, wanted, depth + 1);
    case "all":
      return sampleAll(shape.parts, random, wanted, depth);
    case "lazy":
      return sampleValue(shape.get(), random, wanted, depth + 1);
    case "unknown":
      return random.pick(anything);
    case "never":
      throw new RangeError("the schema takes nothing that JSON can carry");
  }
}

function isLeftOut(fullness: Fullness, random: SeededRandom): boolean {
  return fullness === "least" || (fullness === "some" && random.below(3) === 0);
}

/** Deep down, what does not go deeper. */
function chooseOption(options: readonly Shape[], random: SeededRandom, depth: number): Shape {
  const possible = options.filter(({ kind }) => kind !== "never");
  const flat = depth > deepFrom
    ? possible.filter((option) => /^(text|number|values|maybe)$/.test(resolveShape(option).kind))
    : [];
  if (possible.length === 0) throw new RangeError("the schema takes nothing that JSON can carry");
  return random.pick(flat.length > 0 ? flat : possible);
}

function sampleText(shape: TextShape, random: SeededRandom): string {
  const { minLength, maxLength, patterns, format, start, end, includes } = shape;
  let text: string | undefined;
  if (format !== undefined) text = textFormats.get(format)?.(random);
  else if (patterns.length > 0) text = samplePattern(random.pick(patterns), random);
  if (text === undefined) {
    text = random.below(4) === 0 ? someWords(random, 1 + random.below(4)) : random.pick(plainTexts);
  }
  const missing = includes.filter((part) => !text!.includes(part)).join("");
  if (!text.startsWith(start)) text = start + text;
  text += missing;
  if (!text.endsWith(end)) text += end;
  return format === undefined && patterns.length === 0
    ? fitted(text, start, end + missing, minLength, maxLength, random)
    : text;
}

/** A text made longer or shorter in its middle, without half a surrogate pair. */
function fitted(
  text: string,
  start: string,
  end: string,
  minLength: number,
  maxLength: number,
  random: SeededRandom,
): string {
  if (minLength > longestText) throw new RangeError(`the schema wants a text of ${minLength} characters`);
  // Bounds are where services err.
  const exact = random.below(4) === 0 && maxLength <= longestText ? maxLength : undefined;
  const length = exact ?? Math.min(Math.max(text.length, minLength), maxLength);
  if (text.length === length) return text;
  const middle = text.slice(start.length, Math.max(start.length, text.length - end.length));
  const room = Math.max(0, length - start.length - end.length);
  return start + (/[\ud800-\udfff]/.test(middle) ? "" : middle).padEnd(room, "abcdefgh").slice(0, room) + end;
}

function sampleNumber(shape: NumberShape, random: SeededRandom): number {
  const { minimum, maximum, aboveMinimum, belowMaximum, integer, multipleOf } = shape;
  const step = multipleOf ?? (integer ? 1 : 0);
  if (step > 0) {
    const least = Math.ceil(minimum / step) + (aboveMinimum && Number.isInteger(minimum / step) ? 1 : 0);
    const most = Math.floor(maximum / step) - (belowMaximum && Number.isInteger(maximum / step) ? 1 : 0);
    const low = Number.isFinite(least) ? least : Math.min(-1_000, most - 1_000);
    const high = Number.isFinite(most) ? most : Math.max(1_000, low + 1_000);
    const chosen = random.pick([
      low,
      high,
      Math.min(high, Math.max(low, random.below(3) - 1)),
      low + random.below(high - low + 1),
    ]);
    // Written out, so that 3 * 0.1 is 0.3.
    return (Number.isInteger(step) ? chosen * step : Number((chosen * step).toPrecision(15))) || 0;
  }
  const inside = edgeNumbers.filter((edge) => edge >= minimum && edge <= maximum);
  const low = Number.isFinite(minimum) ? minimum : Math.min(-1_000, maximum - 1_000);
  const high = Number.isFinite(maximum) ? maximum : Math.max(1_000, low + 1_000);
  const between = low + (high - low) * random.fraction();
  const bounds = [...aboveMinimum ? [] : [low], ...belowMaximum ? [] : [high]];
  return random.pick([between, Number(between.toPrecision(3)), ...bounds, ...inside]) || 0;
}

function sampleList(shape: ListShape, random: SeededRandom, fullness: Fullness, depth: number): unknown[] {
  const { first, required, rest, closed, minLength, maxLength } = shape;
  if (minLength > longestList) throw new RangeError(`the schema wants an array of ${minLength} items`);
  const firstCount = fullness === "least" ? required : fullness === "most" ? first.length : required +
    random.below(first.length - required + 1);
  const least = Math.max(minLength, firstCount);
  const mayGrow = rest !== undefined && !closed && firstCount === first.length;
  const extra = fullness === "least" ? 0 : fullness === "most" ? 1 + random.below(2) : random.below(4);
  const room = maxLength - least;
  const atBound = fullness !== "least" && maxLength <= 64 && random.below(4) === 0;
  const length = mayGrow && room > 0 ? least + (atBound ? room : Math.min(extra, room)) : Math.min(least, maxLength);
  return Array.from({ length }, (_, index) => {
    const item = first[index] ?? rest ?? { kind: "unknown" };
    return sampleValue(item, random, fullness, depth + 1) ?? null;
  });
}

function sampleObject(shape: ObjectShape, random: SeededRandom, fullness: Fullness, depth: number): unknown {
  const { fields, keys, rest, closed, minEntries, maxEntries } = shape;
  const entries = new Map<string, unknown>();
  for (const [name, field] of fields) {
    if (field.shape.kind === "never" || (field.optional && isLeftOut(fullness, random))) continue;
    const value = sampleValue(field.shape, random, fullness, depth + 1);
    if (value !== undefined) entries.set(name, value);
  }
  const hasRest = keys !== undefined || rest !== undefined;
  const extra = !hasRest || fullness === "least" ? 0 : 1 + random.below(3);
  const wanted = Math.min(Math.max(minEntries, entries.size + extra), maxEntries);
  for (let attempt = 0; entries.size < wanted && !closed && attempt < wanted * 8; attempt++) {
    const key = keys === undefined ? `extra${random.below(1_000)}` : sampleValue(keys, random, "some", depth + 1);
    if (key === "__proto__" || fields.has(String(key))) continue;
    entries.set(String(key), sampleValue(rest ?? { kind: "unknown" }, random, fullness, depth + 1));
  }
  // A receiver of a later minor version may send more: who is not strict ignores it.
  if (!closed && !hasRest && maxEntries === Infinity && fullness === "some" && random.below(8) === 0) {
    entries.set("unknownField", "ignored");
  }
  return Object.fromEntries(entries);
}

/** Objects are put together; of other values each is tried in turn. */
function sampleAll(parts: readonly Shape[], random: SeededRandom, fullness: Fullness, depth: number): unknown {
  const objects: Record<string, unknown>[] = [];
  let other: unknown;
  let others = 0;
  for (const part of parts) {
    if (part.kind === "unknown") continue;
    const value = sampleValue(part, random, fullness, depth + 1);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      objects.push(value as Record<string, unknown>);
    } else if (random.below(++others) === 0) other = value;
  }
  return objects.length > 0 ? mergeObjects(objects) : other;
}

function mergeObjects(objects: readonly Record<string, unknown>[]): Record<string, unknown> {
  const merged: Record<string, unknown> = {};
  for (const [name, value] of objects.flatMap((object) => Object.entries(object))) {
    const before = merged[name];
    merged[name] = isPlain(before) && isPlain(value) ? mergeObjects([before, value]) : value;
  }
  return merged;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
