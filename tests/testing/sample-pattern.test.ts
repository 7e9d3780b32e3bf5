import * as fc from "fast-check";
import * as assert from "uvu/assert";
import { samplePattern } from "../../src/testing/sample-pattern.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import { describe } from "../support/suite.ts";

const patterns = [
  /^[A-Z]{2,3}-\d{4}$/,
  /^(?:red|green|blue)(?:-(?:light|dark))?$/u,
  /^\+?[1-9]\d{1,14}$/,
  /^#[\da-f]{6}$/i,
  /^(?<year>\d{4})-(?<part>Q[1-4])\/\k<year>$/,
  /^\p{Lu}\p{Ll}+$/u,
  /^[^\s@]+@[^\s@]+$/,
  /^(\w)(\w)\2\1$/,
  /^a|b$/,
  /^(a|(b|c)d){2}$/,
  /^\x41\u0042\u{43}$/u,
  /^\t\cJ\\\/\.\]\[$/,
  /^[\]\\^-]+$/,
  new RegExp("^[\\w--\\d]{3}$", "v"),
  new RegExp("^[[a-z]&&[aeiou]]{3}$", "v"),
  /^.{3}$/s,
  /^x{3,}y*?z+?$/,
  /^\d(?=a)a(?!b)c?$/,
  /\bword\b/,
  /^[\u4e00-\u4fff]{2}$/,
  /^\p{Script=Cyrillic}{3}$/u,
  /^😀[😀-😂]$/u,
  /^(?:)$/,
  /^$/,
  /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/,
  /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/,
  /^(?!000)\d{3}$/,
];

describe("samplePattern()", (test) => {
  for (const pattern of patterns) {
    test(`makes texts that match ${pattern}`, () => {
      const random = seededRandom(1);
      let matching = 0;
      for (let count = 0; count < 100; count++) {
        const text = samplePattern(pattern, random);
        if (text !== undefined && new RegExp(pattern.source, pattern.flags).test(text)) matching += 1;
      }
      // What looks ahead is not followed; of the others one that does not match is a fault.
      assert.ok(/\(\?!/.test(pattern.source) ? matching > 50 : matching === 100, `${matching} of 100`);
    });
  }

  test("makes more than one text", () => {
    const random = seededRandom(2);
    const texts = new Set(Array.from({ length: 50 }, () => samplePattern(/^[a-z]{1,8}\d?$/, random)));
    assert.ok(texts.size > 40, String(texts.size));
  });

  test("gives nothing for a class that nothing is in, and for texts without bounds", () => {
    const random = seededRandom(3);
    assert.is(samplePattern(/^[^\s\S]$/, random), undefined);
    assert.is(samplePattern(/^(?:a{1000}){1000}$/, random), undefined);
  });

  test("reads expressions that are put together at random", () => {
    const atom = fc.constantFrom("a", "[b-d]", "\\d", "\\w", ".", "\\.", "(?:x|yz)", "(e)", "[^f]", "\\u0041");
    const quantified = fc.tuple(atom, fc.constantFrom("", "?", "*", "+", "{2}", "{1,3}", "{0,}?"));
    const sequence = fc.array(quantified, { minLength: 1, maxLength: 5 }).map((parts) => parts.flat().join(""));
    const expression = fc.array(sequence, { minLength: 1, maxLength: 3 }).map((options) =>
      `^(?:${options.join("|")})$`
    );
    fc.assert(
      fc.property(expression, fc.nat(), (source, seed) => {
        const pattern = new RegExp(source);
        const text = samplePattern(pattern, seededRandom(seed));
        assert.ok(text !== undefined && pattern.test(text), `${source}: ${JSON.stringify(text)}`);
      }),
      { seed: 1, numRuns: 1_000 },
    );
  });
});
