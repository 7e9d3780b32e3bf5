import * as assert from "uvu/assert";
import { parseServerAddress } from "../../src/nats/server-address.ts";
import { describe } from "../support/suite.ts";

function refusalOf(text: unknown): string {
  try {
    parseServerAddress(text as string);
  } catch (error) {
    assert.instance(error, TypeError);
    return (error as TypeError).message;
  }
  throw new Error("Expected a refusal");
}

describe("A server URL that cannot be used", (test) => {
  test("is shown", () => {
    assert.match(refusalOf(undefined), /, not undefined$/);
    assert.match(refusalOf("http://a:1"), /, not "http:\/\/a:1"$/);
    assert.match(refusalOf("nats://a:99999"), /: "nats:\/\/a:99999"$/);
    assert.match(refusalOf("nats://a/path"), /: "nats:\/\/a\/path"$/);
  });

  test("is shown without what may be a secret", () => {
    const hidden = [
      "http://ann:s3cret@a:1",
      "nats://ann:p@s3cret@a:99999",
      "nats://ann:s3cret",
      "http://a:1/?token=s3cret",
      "http://s3cret#x@a:1",
      "-----BEGIN\ns3cret",
      `s3cret ${"x".repeat(300)}`,
    ];
    for (const text of hidden) assert.not.match(refusalOf(text), /s3cret/, text);
  });
});
