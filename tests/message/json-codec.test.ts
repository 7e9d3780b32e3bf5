import * as assert from "uvu/assert";
import { isMessagingError } from "../../mod.ts";
import { decodeBody, encodeBody } from "../../src/message/json-codec.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { describe } from "../support/suite.ts";

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function nested(depth: number, open = "[", close = "]"): Uint8Array {
  return bytes(open.repeat(depth) + (open === "[" ? "" : "1") + close.repeat(depth));
}

function refuses(body: Uint8Array, message: RegExp): void {
  assert.throws(
    () => decodeBody(body),
    (error: Error) => {
      assert.ok(isMessagingError(error, "MALFORMED_MESSAGE"), String(error));
      assert.match(error.message, message);
      return true;
    },
  );
}

describe("encodeBody()", (test) => {
  test("writes JSON as UTF-8, and decodeBody() gives the value back", () => {
    for (const value of [null, true, 0, -1.5, "", 'é😀\u2028\\"{[', [], {}, { a: [{ b: null }] }, "\ud800"]) {
      assert.equal(decodeBody(encodeBody(value)), value);
    }
    assert.equal(encodeBody("é"), Uint8Array.of(0x22, 0xc3, 0xa9, 0x22));
  });

  test("writes undefined as an empty body, and decodeBody() gives undefined back", () => {
    assert.is(encodeBody(undefined).length, 0);
    assert.is(decodeBody(new Uint8Array(0)), undefined);
  });

  test("throws a TypeError for what JSON cannot carry", () => {
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    for (const value of [cycle, 1n, { a: 1n }, () => {}, Symbol("a")]) {
      assert.throws(() => encodeBody(value), (error: unknown) => error instanceof TypeError);
    }
  });
});

describe("decodeBody()", (test) => {
  test("refuses what is not UTF-8 instead of putting other characters in its place", () => {
    const broken = [[0xff], [0x22, 0xc3, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22], [0x22, 0xc0, 0x80, 0x22], [
      0xfe,
      0xff,
      0,
      0x31,
    ]];
    for (const body of broken) refuses(Uint8Array.from(body), /^Cannot read a message: its body is not UTF-8$/);
  });

  test("refuses what is not JSON", () => {
    for (const text of ["", " ", "{", "nul", "NaN", "{a:1}", "[1,]", "1 2", "'a'", "\0", "\ufeff"]) {
      if (text !== "") refuses(bytes(text), /^Cannot read a message: its body is not JSON$/);
    }
  });

  test("ignores a byte order mark, as RFC 8259 allows", () => {
    assert.equal(decodeBody(bytes("\ufeff[1]")), [1]);
  });

  test("reads 64 levels and refuses 65, of lists and of objects", () => {
    assert.type(decodeBody(nested(64)), "object");
    assert.type(decodeBody(nested(64, '{"a":', "}")), "object");
    refuses(nested(65), /^Cannot read a message: its body nests deeper than 64$/);
    refuses(nested(65, '{"a":', "}"), /nests deeper than 64/);
  });

  test("refuses 1,000,000 levels without recursion", () => {
    refuses(nested(1_000_000), /nests deeper than 64/);
    refuses(bytes("[".repeat(1_000_000)), /nests deeper than 64/);
    refuses(bytes('{"a":'.repeat(1_000_000)), /nests deeper than 64/);
  });

  test("counts no braces inside strings, whatever is escaped in them", () => {
    const brackets = "[{".repeat(100);
    for (const text of [brackets, `\\"${brackets}`, `\\\\\\"${brackets}`, `${brackets}\\\\`]) {
      assert.ok(decodeBody(bytes(`{"${text}":"${text}"}`)));
    }
    refuses(bytes(`["\\\\",${"[".repeat(64)}${"]".repeat(64)}]`), /nests deeper than 64/);
  });

  test("counts levels, not braces: many lists one after the other are fine", () => {
    assert.is((decodeBody(bytes(`[${"[],".repeat(1_000)}[]]`)) as unknown[]).length, 1_001);
  });

  test('refuses a key "__proto__" at any depth, however it is escaped', () => {
    const escapes = [
      "__proto__",
      "\\u005f_proto__",
      "\\u005F\\u005f\\u0070\\u0072\\u006F\\u0074\\u006f\\u005f\\u005f",
      "__pr\\u006fto__",
      "__\\u0070roto__",
      "__pro\\u0074o__",
    ];
    for (const key of escapes) {
      const message = /^Cannot read a message: its body has a key "__proto__"$/;
      refuses(bytes(`{"${key}":{"admin":true}}`), message);
      refuses(bytes(`{"a":[{"b":1,"${key}":1}]}`), message);
    }
  });

  test('takes "__proto__" as a value, and keys that only look like it', () => {
    for (
      const text of ['{"a":"__proto__"}', '{"__proto":1,"proto__":2}', '["\\u005f_proto__"]', '{"constructor":{}}']
    ) {
      assert.ok(decodeBody(bytes(text)), text);
    }
  });

  test("throws MALFORMED_MESSAGE and nothing else, whatever the bytes", () => {
    const random = seededRandom(5);
    const pieces = ['{"a":', "[", "]", "}", '"', "\\", "\\u00", "1", ",", "null", "é", "__proto__", "\0", " "].map(
      bytes,
    );
    for (let round = 0; round < 2_000; round++) {
      const parts = Array.from(
        { length: random.below(40) },
        () => random.below(8) === 0 ? Uint8Array.of(random.below(256)) : random.pick(pieces),
      );
      const body = Uint8Array.from(parts.flatMap((part) => [...part]));
      try {
        decodeBody(body);
      } catch (error) {
        assert.ok(isMessagingError(error, "MALFORMED_MESSAGE"), `${error} for ${body}`);
      }
    }
  });
});
