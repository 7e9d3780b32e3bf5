import * as assert from "uvu/assert";
import { BodyEncoder } from "../../src/message/body-encoder.ts";
import { encodeBody } from "../../src/message/json-codec.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { describe } from "../support/suite.ts";

describe("BodyEncoder", (test) => {
  test("encode() gives the bytes that encodeBody() gives, and changes none that it gave before", () => {
    const bodies = new BodyEncoder();
    const random = seededRandom(7);
    const letters = ["a", "é", "€", "😀", '"'];
    const given: [body: Uint8Array, value: unknown][] = [];
    for (let count = 0; count < 2_000; count++) {
      const length = random.below(random.pick([10, 100, 8_000]));
      const value = { count, text: random.pick(letters).repeat(length) };
      given.push([bodies.encode(value), value]);
    }
    for (const [body, value] of given) {
      assert.ok(Buffer.from(encodeBody(value)).equals(body), JSON.stringify(value).slice(0, 40));
    }
    assert.is(bodies.encode(undefined).length, 0);
  });

  test("encode() throws a TypeError for what JSON cannot carry, and goes on", () => {
    const bodies = new BodyEncoder();
    for (const value of [1n, () => {}, Symbol("a")]) {
      assert.throws(() => bodies.encode(value), (error: unknown) => error instanceof TypeError);
    }
    assert.equal(bodies.encode([1]), encodeBody([1]));
  });
});
