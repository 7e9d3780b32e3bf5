import { parsePattern, type PatternNode } from "./pattern-parser.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** How often a part without an upper limit comes more than it has to. */
const extraRepeats = 4;
const longestText = 100_000;

const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
const others = [..."éßñĀжщΩ漢字かなأب\t\n😀🚀👍"];

/**
 * Makes a text that a regular expression probably matches; whether it does is for the caller to check, because what looks
 * ahead or behind is not followed. `undefined` where no character of some class is found.
 */
export function samplePattern(pattern: RegExp, random: SeededRandom): string | undefined {
  const groups = new Map<string, string>();
  let length = 0;
  const make = (node: PatternNode): string | undefined => {
    switch (node.kind) {
      case "text":
        return node.text;
      case "class":
        return pickCharacter(node.source, pattern.flags, random);
      case "choice":
        return make(random.pick(node.options));
      case "reference":
        return groups.get(node.to) ?? "";
      case "group":
        return remember(node, make(node.part));
      case "sequence":
        return joined(node.parts, make);
      case "repeat":
        return joined(Array<PatternNode>(repeatsOf(node, random)).fill(node.part), make);
    }
  };
  const remember = (
    { name, index }: { readonly name: string | undefined; readonly index: number },
    text: string | undefined,
  ): string | undefined => {
    if (text === undefined) return undefined;
    groups.set(String(index), text);
    if (name !== undefined) groups.set(name, text);
    return text;
  };
  const joined = (
    parts: readonly PatternNode[],
    makePart: (node: PatternNode) => string | undefined,
  ): string | undefined => {
    let whole = "";
    for (const part of parts) {
      const text = makePart(part);
      length += text?.length ?? 0;
      if (text === undefined || length > longestText) return undefined;
      whole += text;
    }
    return whole;
  };
  return make(parsePattern(pattern));
}

function repeatsOf({ least, most }: { readonly least: number; readonly most: number }, random: SeededRandom): number {
  return least + random.below(Math.min(most - least, extraRepeats) + 1);
}

/** A character that the piece of source matches: a plain one where there is one. */
function pickCharacter(source: string, flags: string, random: SeededRandom): string | undefined {
  const own = new RegExp(`^(?:${source})$`, flags.replace(/[gy]/g, ""));
  const plain = printable.filter((character) => own.test(character));
  const known = plain.length > 0 && random.below(16) > 0 ? plain : [...plain, ...others.filter((one) => own.test(one))];
  if (known.length > 0) return random.pick(known);
  return firstOf(own, 0, 0x3000) ?? firstOf(own, 0x1f000, 0x1fb00) ?? firstOf(own, 0x3000, 0xfffe);
}

function firstOf(pattern: RegExp, from: number, to: number): string | undefined {
  for (let code = from; code < to; code++) {
    const character = String.fromCodePoint(code);
    if ((code < 0xd800 || code > 0xdfff) && pattern.test(character)) return character;
  }
  return undefined;
}
