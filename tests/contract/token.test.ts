import * as assert from "uvu/assert";
import { decodeToken, encodeToken, isToken } from "../../src/contract/token.ts";
import { type SeededRandom, seededRandom } from "../support/seeded-random.ts";
import { describe } from "../support/suite.ts";

const alphabet = [..."abZ09_-", ...' .*>=/\\"\r\n\t\0\u007f', ..."éßю中あ\u200b\ufeff\uffff", "😀", "👩‍👩‍👧", "\u{10ffff}"];
const halves = ["\ud83d", "\ude00", "a\ud800", "\udfffb"];
const token = /^(?:[A-Za-z0-9_-]|=[0-9A-F]{2}){1,128}$/;

function someText(random: SeededRandom): string {
  return Array.from({ length: 1 + random.below(14) }, () => random.pick(alphabet)).join("");
}

describe("encodeToken()", (test) => {
  test("leaves letters, digits, _ and - as they are", () => {
    assert.is(encodeToken("Az09_-"), "Az09_-");
    assert.is(encodeToken("a".repeat(128)), "a".repeat(128));
  });

  test("writes every other byte as =XX, also the = itself", () => {
    assert.is(encodeToken("a b.c"), "a=20b=2Ec");
    assert.is(encodeToken("="), "=3D");
    assert.is(encodeToken("é😀"), "=C3=A9=F0=9F=98=80");
  });

  test("gives undefined for text that is empty, too long, or half a character", () => {
    for (
      const text of [
        "",
        "a".repeat(129),
        ".".repeat(43),
        "é".repeat(22),
        "a".repeat(5_000),
        "é".repeat(5_000),
        ...halves,
      ]
    ) {
      assert.is(encodeToken(text), undefined, JSON.stringify(text.slice(0, 8)));
    }
    assert.is(encodeToken("é".repeat(21))?.length, 126);
  });

  test("makes one sound token of any text, and decodeToken() gives the text back", () => {
    const random = seededRandom(1);
    for (let round = 0; round < 3_000; round++) {
      const text = someText(random);
      const encoded = encodeToken(text);
      if (encoded === undefined) {
        assert.ok(new TextEncoder().encode(text).length * 3 > 128, JSON.stringify(text));
        continue;
      }
      assert.match(encoded, token);
      assert.is(decodeToken(encoded), text, JSON.stringify(text));
    }
  });

  test("never makes the same token of two texts", () => {
    const random = seededRandom(2);
    const texts = new Map<string, string>();
    for (let round = 0; round < 3_000; round++) {
      const text = someText(random);
      const encoded = encodeToken(text);
      if (encoded === undefined) continue;
      assert.is(texts.get(encoded) ?? text, text);
      texts.set(encoded, text);
    }
  });
});

describe("decodeToken()", (test) => {
  test("gives undefined for what encodeToken() does not write", () => {
    const foreign = [
      "",
      "a.b",
      "a b",
      "*",
      ">",
      "é",
      "=",
      "=4",
      "=4g",
      "=2e",
      "=C3",
      "=FF",
      "=ED=A0=80",
      "=C0=80",
      "=41",
    ];
    for (const text of [...foreign, "=2E".repeat(43), "a".repeat(129)]) assert.is(decodeToken(text), undefined, text);
  });

  test("gives back only what encodeToken() would write again", () => {
    const random = seededRandom(3);
    const pieces = [..."aZ9_-=.", "=20", "=2E", "=C3", "=A9", "=EF", "=BB", "=BF", "=41", "=ff"];
    for (let round = 0; round < 3_000; round++) {
      const candidate = Array.from({ length: 1 + random.below(8) }, () => random.pick(pieces)).join("");
      const text = decodeToken(candidate);
      if (text !== undefined) assert.is(encodeToken(text), candidate);
    }
  });
});

describe("isToken()", (test) => {
  test("takes what can stand in a subject raw, and nothing else", () => {
    for (const name of ["a", "A-b_9", "a".repeat(128)]) assert.ok(isToken(name), name);
    for (const name of ["", "a.b", "=20", "é", "*", ">", "a\n", "a".repeat(129)]) assert.not.ok(isToken(name), name);
  });
});
