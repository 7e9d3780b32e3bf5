import * as assert from "uvu/assert";
import { camelCase, pascalCase } from "../../src/describe/identifiers.ts";
import { uniqueNames } from "../../src/describe/unique-names.ts";
import { describe } from "../support/suite.ts";

function named(wishes: Record<string, [string, ...string[]]>, taken: string[] = []): Record<string, string> {
  return Object.fromEntries(uniqueNames(new Map(Object.entries(wishes)), taken));
}

describe("uniqueNames()", (test) => {
  test("gives each its first wish where nobody else has it", () => {
    assert.equal(named({ a: ["find", "aFind"], b: ["list", "bList"] }), { a: "find", b: "list" });
  });

  test("moves all that share a wish on to their next, in small letters or large", () => {
    assert.equal(named({ a: ["find", "aFind"], b: ["Find", "bFind"] }), { a: "aFind", b: "bFind" });
  });

  test("goes on where the next wish is another's first", () => {
    assert.equal(named({ a: ["find", "list", "a"], b: ["find", "b"], c: ["list", "c"] }), { a: "a", b: "b", c: "c" });
  });

  test("leaves out what is taken, and numbers what is left, apart from a digit", () => {
    assert.equal(named({ a: ["find"], b: ["other"] }, ["FIND"]), { a: "find2", b: "other" });
    assert.equal(named({ a: ["v1"], b: ["v1"], c: ["v1_2"] }), { a: "v1", b: "v1_3", c: "v1_2" });
  });

  test("names a thousand that all want the same", () => {
    const wishes = Array.from({ length: 1_000 }, (_, index) => [String(index), ["same", "still"]] as const);
    const names = named(Object.fromEntries(wishes) as unknown as Record<string, [string, string]>);
    assert.is(new Set(Object.values(names)).size, 1_000);
  });
});

describe("camelCase() and pascalCase()", (test) => {
  test("make names for programs of what may stand in a subject", () => {
    const cases: readonly (readonly [string, string, string])[] = [
      ["createOrder", "createOrder", "CreateOrder"],
      ["create-order", "createOrder", "CreateOrder"],
      ["Create_Order", "createOrder", "CreateOrder"],
      ["OUT_OF_STOCK", "outOfStock", "OutOfStock"],
      ["getURL", "getURL", "GetURL"],
      ["1st", "_1st", "_1st"],
      ["__proto__", "proto", "Proto"],
      ["-", "_", "_"],
    ];
    for (const [text, camel, pascal] of cases) assert.equal([camelCase(text), pascalCase(text)], [camel, pascal]);
  });
});
