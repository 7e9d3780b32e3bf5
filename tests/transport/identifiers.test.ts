import * as assert from "uvu/assert";
import { systemClock } from "../../src/transport/clock.ts";
import { createIdentifierSource, requestIdLength, unguessableLength } from "../../src/transport/identifiers.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { describe } from "../support/suite.ts";

describe("createIdentifierSource()", (test) => {
  test("gives as many characters as were asked for, all of a subject token", () => {
    const source = createIdentifierSource(systemClock);
    for (const length of [1, requestIdLength, unguessableLength, 128]) {
      for (let round = 0; round < 200; round++) {
        const text = source.next(length);
        assert.is(text.length, length);
        assert.match(text, /^[A-Za-z0-9_-]+$/);
      }
    }
  });

  test("gives 1,000,000 different request ids", () => {
    const source = createIdentifierSource(systemClock);
    const seen = new Set<string>();
    for (let round = 0; round < 1_000_000; round++) seen.add(source.next(requestIdLength));
    assert.is(seen.size, 1_000_000);
  });

  test("uses every one of 64 characters equally often, at every place", () => {
    const source = createIdentifierSource(systemClock);
    const counts = new Map<string, number>();
    for (let round = 0; round < 20_000; round++) {
      for (const [place, character] of [...source.next(8)].entries()) {
        counts.set(place + character, (counts.get(place + character) ?? 0) + 1);
      }
    }
    assert.is(counts.size, 8 * 64);
    // 312 are expected; nine standard deviations off is no chance.
    for (const [key, count] of counts) assert.ok(count > 150 && count < 475, `${key}: ${count}`);
  });

  test("uses no random byte twice, and asks for them rarely", () => {
    let asked = 0;
    class CountingClock extends FakeClock {
      override randomBytes(bytes: Uint8Array<ArrayBuffer>): void {
        bytes.fill(asked);
        asked += 1;
      }
    }
    const source = createIdentifierSource(new CountingClock());
    const texts = Array.from({ length: 2_400 }, () => source.next(22));
    assert.ok(asked >= 2_400 * 22 / 8_192 && asked < 12, `asked ${asked} times`);
    for (const text of texts) assert.is(new Set(text).size, 1, "an identifier is not made of two fillings");
    assert.ok(Math.max(...[...new Set(texts)].map((text) => texts.filter((other) => other === text).length)) <= 372);
  });

  test("two sources share nothing", () => {
    const [one, other] = [createIdentifierSource(systemClock), createIdentifierSource(systemClock)];
    assert.is.not(one.next(unguessableLength), other.next(unguessableLength));
  });
});
