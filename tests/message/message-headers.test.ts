import * as assert from "uvu/assert";
import { isMessagingError, MessageHeaders } from "../../mod.ts";
import { isReservedHeader } from "../../src/message/header-names.ts";
import { describe } from "../support/suite.ts";

function refuses(given: unknown, message: RegExp): void {
  assert.throws(
    () => MessageHeaders.from(given as Record<string, string>),
    (error: Error) => {
      assert.ok(isMessagingError(error, "INVALID_REQUEST"), String(error));
      assert.match(error.message, message);
      return true;
    },
  );
}

describe("MessageHeaders", (test) => {
  test("get() finds a header in any case, the first where there are more", () => {
    const headers = MessageHeaders.from([["X-Tenant", "acme"], ["x-tenant", "other"]]);
    for (const name of ["X-Tenant", "x-tenant", "X-TENANT"]) assert.is(headers.get(name), "acme", name);
    assert.is(headers.get("X-Tenan"), undefined);
    assert.is(headers.get("constructor"), undefined);
  });

  test("has() is true for an empty value too", () => {
    const headers = MessageHeaders.from({ Empty: "" });
    assert.ok(headers.has("empty"));
    assert.not.ok(headers.has("other"));
  });

  test("is iterable in the order and the case that were given", () => {
    const given = [["b", "2"], ["A", "1"], ["b", "3"]] as const;
    assert.equal([...MessageHeaders.from(given)], given);
    assert.is(MessageHeaders.from(given).size, 3);
    assert.is(MessageHeaders.from({}), MessageHeaders.empty);
  });

  test("keeps its own copy", () => {
    const given: [string, string][] = [["a", "1"]];
    const headers = MessageHeaders.from(given);
    given.push(["b", "2"]);
    given[0]![1] = "changed";
    assert.equal([...headers], [["a", "1"]]);
  });

  test("takes values trimmed, as the wire gives them back", () => {
    assert.is(MessageHeaders.from({ a: " \tx y\t " }).get("a"), "x y");
  });

  test("refuses names that are no field names", () => {
    for (const name of ["", "a b", "a:b", "é", "a\r\nb", "a\0", "n".repeat(129)]) {
      refuses([[name, "v"]], /^A header name is not a field name of RFC 9110$/);
    }
  });

  test("refuses values other than printable ASCII, so that none can add a header", () => {
    for (const value of ["x\r\nNats-Msg-Id: 1", "x\n", "\0", "é", "😀", "\x7f", 7, undefined, null]) {
      refuses([["a", value]], /^The header "a" has a value other than printable ASCII$/);
    }
  });

  test("takes 32 headers of 8 KiB together and refuses more", () => {
    const headers = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`x-${n}`, "v"]));
    assert.is(MessageHeaders.from(headers(32)).size, 32);
    refuses(headers(33), /^Too many headers: 33 of \d+ bytes; at most 32 of 8192 bytes$/);
    MessageHeaders.from({ a: "v".repeat(8_191) });
    refuses({ a: "v".repeat(8_192) }, /^Too many headers: 1 of 8193 bytes/);
  });
});

describe("isReservedHeader()", (test) => {
  test("keeps Nats-* and Mb-* in any case", () => {
    for (const name of ["Nats-Msg-Id", "NATS-X", "mb-timeout", "Mb-"]) assert.ok(isReservedHeader(name), name);
    for (const name of ["Natsu", "X-Nats-", "traceparent", "mb"]) assert.not.ok(isReservedHeader(name), name);
  });
});
