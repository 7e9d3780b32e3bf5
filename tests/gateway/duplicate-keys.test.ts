import * as assert from "uvu/assert";
import { hasDuplicateKeys } from "../../src/gateway/duplicate-keys.ts";
import { describe } from "../support/suite.ts";
import { type SeededRandom, seededRandom } from "../support/seeded-random.ts";

const encoder = new TextEncoder();
const keys = [
  "a",
  "b",
  "A",
  "",
  ":",
  '"',
  "\\",
  "a:b",
  "é",
  "😀",
  "\n",
  "constructor",
  "toString",
  "0",
  "00",
  "length",
];
const cases = 20_000;

/** A key in one of the spellings that JSON has for it. */
function spell(random: SeededRandom, key: string): string {
  let text = "";
  for (const unit of Array.from({ length: key.length }, (_, index) => key[index]!)) {
    const escaped = `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
    const plain = JSON.stringify(unit).slice(1, -1);
    text += random.below(3) === 0
      ? random.below(2) === 0 ? escaped : escaped.replace(/[a-f]/g, (digit) => digit.toUpperCase())
      : plain;
  }
  return `"${text}"`;
}

/** A JSON text of any shape, and whether an object in it names a key twice: known from how it was made. */
function makeText(random: SeededRandom, depth: number): { text: string; twice: boolean } {
  const space = random.pick(["", "", " ", "\n\t"]);
  const kind = depth === 0 ? 2 + random.below(2) : random.below(4);
  if (kind === 2) return { text: `${space}${random.pick(["1", "true", "null", "-2.5e3"])}${space}`, twice: false };
  if (kind === 3) return { text: `${space}${spell(random, random.pick(keys))}${space}`, twice: false };
  const entries = Array.from({ length: random.below(4) }, () => makeText(random, depth - 1));
  let twice = entries.some((entry) => entry.twice);
  if (kind === 1) return { text: `${space}[${entries.map(({ text }) => text).join(",")}]${space}`, twice };
  const named = entries.map(({ text }) => ({ key: random.pick(keys), text }));
  twice ||= new Set(named.map(({ key }) => key)).size < named.length;
  return {
    text: `${space}{${named.map(({ key, text }) => `${space}${spell(random, key)}:${text}`).join(",")}}`,
    twice,
  };
}

describe("hasDuplicateKeys()", (test) => {
  test(`tells texts with a key twice from others, in any spelling and at any depth: ${cases} made by chance`, () => {
    const random = seededRandom(17);
    let found = 0;
    for (let count = 0; count < cases; count++) {
      const { text, twice } = makeText(random, 4);
      const told = hasDuplicateKeys(encoder.encode(text), JSON.parse(text));
      assert.is(told, twice, text);
      if (told) found += 1;
    }
    assert.ok(found > cases / 40 && found < cases / 2, String(found));
  });
});
