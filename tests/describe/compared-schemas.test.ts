import fc from "fast-check";
import * as assert from "uvu/assert";
import * as v from "valibot";
import { compareContracts } from "../../src/describe/mod.ts";
import { describe } from "../support/suite.ts";
import { answering, taking } from "./contract-versions.ts";
import { beside, chooseBy, schemaOf, schemaShapes, valuesOf, widen } from "./schema-shapes.ts";

const choices = fc.array(fc.nat(1_000), { minLength: 40, maxLength: 40 });
const numRuns = 1_500;

describe("compareContracts() of schemas that were made up", (test) => {
  test("calls compatible only what takes all that was sent before", { timeoutMs: 120_000 }, () => {
    let compatibles = 0;
    let breaking = 0;
    const cases = fc.tuple(schemaShapes, choices).chain(([shape, numbers]) =>
      fc.tuple(
        fc.constant([shape, beside(shape, chooseBy(numbers))] as const),
        fc.array(valuesOf(shape), { minLength: 12, maxLength: 12 }),
      )
    );
    fc.assert(
      fc.property(cases, ([[before, now], sent]) => {
        const [previous, next] = [schemaOf(before), schemaOf(now)];
        const { compatible } = compareContracts(taking(previous, next).previous, taking(previous, next).next);
        if (compatible) compatibles += 1;
        else breaking += 1;
        for (const value of compatible ? sent : []) {
          assert.ok(v.is(previous, value), `was not sent: ${JSON.stringify(value)}`);
          assert.ok(v.is(next, value), `is refused: ${JSON.stringify(value)}`);
        }
      }),
      { numRuns, seed: 9 },
    );
    assert.ok(compatibles > numRuns / 5 && breaking > numRuns / 5, `${compatibles} and ${breaking}`);
  });

  test("calls a request that takes more compatible, and an answer that is less", { timeoutMs: 120_000 }, () => {
    fc.assert(
      fc.property(schemaShapes, choices, (shape, numbers) => {
        const [narrow, wide] = [schemaOf(shape), schemaOf(widen(shape, chooseBy(numbers)))];
        for (const { previous, next } of [taking(narrow, wide), answering(wide, narrow)]) {
          const breaking = compareContracts(previous, next).changes.filter(({ severity }) => severity === "breaking");
          assert.equal(breaking, []);
        }
      }),
      { numRuns, seed: 9 },
    );
  });

  test("calls what a value shows to be less breaking", { timeoutMs: 120_000 }, () => {
    let shown = 0;
    const cases = fc.tuple(schemaShapes, choices).chain(([shape, numbers]) =>
      fc.tuple(
        fc.constant([shape, beside(shape, chooseBy(numbers))] as const),
        fc.array(valuesOf(shape), { minLength: 12, maxLength: 12 }),
      )
    );
    fc.assert(
      fc.property(cases, ([[before, now], sent]) => {
        const [narrow, wide] = [schemaOf(now), schemaOf(before)];
        if (sent.every((value) => v.is(narrow, value))) return;
        shown += 1;
        for (const { previous, next } of [taking(wide, narrow), answering(narrow, wide)]) {
          assert.not(compareContracts(previous, next).compatible);
        }
      }),
      { numRuns, seed: 10 },
    );
    assert.ok(shown > numRuns / 5, String(shown));
  });
});
