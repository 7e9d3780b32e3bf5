import type { JsonSchema, JsonValue } from "../json.ts";
import { numbersOf } from "./numbers-of.ts";
import type { Refuse } from "./refusal.ts";
import { shorten } from "./schema-names.ts";

/** Looks at what a schema wants of strings. */
export function coverString(sent: readonly JsonSchema[], taken: JsonSchema, refuse: Refuse): void {
  const { minLength, maxLength } = taken;
  const shortest = Math.max(0, ...numbersOf(sent, "minLength"));
  const longest = Math.min(Infinity, ...numbersOf(sent, "maxLength"));
  if (typeof minLength === "number" && shortest < minLength) {
    refuse(`may have ${shortest} characters, at least ${minLength} are wanted`);
  }
  if (typeof maxLength === "number" && longest > maxLength) {
    refuse(`may have ${longest === Infinity ? "any number of" : longest} characters, at most ${maxLength} are taken`);
  }
  for (const [keyword, name] of [["pattern", "pattern"], ["format", "format"], ["contentEncoding", "encoding"]]) {
    const wanted = taken[keyword!];
    if (wanted === undefined || sent.some((part) => part[keyword!] === wanted)) continue;
    // Whether one pattern is part of another is not worth guessing; a check where there was none narrows for certain.
    const isAdded = sent.every((part) => part[keyword!] === undefined);
    refuse(`may have another ${name} than ${shown(wanted)}`, isAdded);
  }
}

function shown(value: JsonValue): string {
  return shorten(typeof value === "string" ? `"${value}"` : JSON.stringify(value));
}
