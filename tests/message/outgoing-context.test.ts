import assert from "node:assert/strict";
import { isMessagingError } from "../../src/errors/messaging-error.ts";
import { MessageHeaders } from "../../src/message/message-headers.ts";
import { OutgoingContext } from "../../src/message/outgoing-context.ts";
import { describe } from "../support/suite.ts";

const many = Array.from({ length: 32 }, (_, index) => [`X-${index}`, "1"] as const);

function refusal(error: unknown): boolean {
  return isMessagingError(error, "INVALID_REQUEST");
}

describe("OutgoingContext", (test) => {
  test("setHeader() adds a header, and replaces one of the same name in any case", () => {
    const outgoing = new OutgoingContext(
      "a",
      MessageHeaders.from({ "X-Tenant": "acme", "TraceParent": "old" }),
      undefined,
    );
    outgoing.setHeader("traceparent", "new");
    outgoing.setHeader("X-Other", "1");
    assert.deepEqual([...outgoing.headers], [["X-Tenant", "acme"], ["traceparent", "new"], ["X-Other", "1"]]);
  });

  test("setHeader() refuses what is the library's own, and what cannot travel", () => {
    const outgoing = new OutgoingContext("a", MessageHeaders.empty, undefined);
    for (const name of ["Mb-Timeout", "nats-msg-id", "Authorization", "authorization", "a b", ""]) {
      assert.throws(() => outgoing.setHeader(name, "1"), refusal, name);
    }
    for (const value of ["a\r\nMb-Timeout: 1", "ä", "\0"]) {
      assert.throws(() => outgoing.setHeader("X-Tenant", value), refusal, value);
    }
    assert.equal(outgoing.headers.size, 0);
  });

  test("setHeader() refuses one more than a peer reads, and leaves those that are there", () => {
    const full = new OutgoingContext("a", MessageHeaders.from(many), undefined);
    assert.throws(() => full.setHeader("X-More", "1"), refusal);
    full.setHeader("x-0", "2");
    assert.deepEqual([full.headers.size, full.headers.get("X-0")], [32, "2"]);
    const long = new OutgoingContext(
      "a",
      MessageHeaders.fromTrusted([["Authorization", "a".repeat(8_190)]]),
      undefined,
    );
    assert.throws(() => long.setHeader("X-More", "1"), refusal);
    assert.equal(long.headers.size, 1);
  });
});
