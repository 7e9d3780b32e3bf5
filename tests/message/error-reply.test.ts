import * as assert from "uvu/assert";
import { MessageHeaders, MessagingError } from "../../mod.ts";
import { decodeErrorReply, encodeErrorReply, isErrorReply } from "../../src/message/error-reply.ts";
import { decodeHeaderBlock, encodeHeaderBlock } from "../../src/message/header-block.ts";
import { decodeBody, encodeBody } from "../../src/message/json-codec.ts";
import { describe } from "../support/suite.ts";

const nothing = {
  code: undefined,
  message: "The service answered with an error and no text",
  status: undefined,
  data: undefined,
  retryable: undefined,
  retryAfterMs: undefined,
  execution: undefined,
  correlationId: undefined,
};

describe("encodeErrorReply()", (test) => {
  test("writes ADR-32's headers, the code, and a JSON body that has no cause and no stack", () => {
    const error = new MessagingError("OUT_OF_STOCK", "Not enough stock", {
      data: { sku: "A1" },
      status: 409,
      retryAfterMs: 50,
      correlationId: "c-1",
      operation: "createOrder",
      cause: new Error("row lock"),
    });
    const { headers, body } = encodeErrorReply(error, { showText: true });
    assert.equal([...headers], [
      ["Nats-Service-Error", "Not enough stock"],
      ["Nats-Service-Error-Code", "409"],
      ["Mb-Error", "OUT_OF_STOCK"],
    ]);
    assert.equal(decodeBody(body), {
      code: "OUT_OF_STOCK",
      message: "Not enough stock",
      data: { sku: "A1" },
      retryable: false,
      retryAfterMs: 50,
      correlationId: "c-1",
    });
  });

  test("keeps the header printable ASCII and the body as it is, whatever the language", () => {
    const { headers, body } = encodeErrorReply(new MessagingError("OUT", "Außer Lager 😀\r\nNats-Msg-Id: 1"), {
      showText: true,
    });
    const text = headers.get("Nats-Service-Error") ?? "";
    assert.match(text, /^Au\?er Lager \?+Nats-Msg-Id: 1$/);
    assert.is((decodeBody(body) as { message: string }).message, "Außer Lager 😀\r\nNats-Msg-Id: 1");
    assert.equal([...decodeHeaderBlock(encodeHeaderBlock(headers)).headers], [...headers]);
  });

  test("puts the code where no text is left", () => {
    for (const message of ["", "  ", "\t"]) {
      const text = encodeErrorReply(new MessagingError("OUT", message), { showText: true }).headers.get(
        "Nats-Service-Error",
      );
      assert.ok(text === "OUT" || text === "?", JSON.stringify(text));
    }
  });

  test("shows nothing but the code in its headers where the text is not to be seen", () => {
    const { headers } = encodeErrorReply(new MessagingError("OUT", "Ann's order"), { showText: false });
    assert.equal([...headers], [
      ["Nats-Service-Error", "OUT"],
      ["Nats-Service-Error-Code", "422"],
      ["Mb-Error", "OUT"],
    ]);
  });

  test("cuts a text at 1,024 characters, never through one", () => {
    const cut = (message: string): string =>
      (decodeBody(encodeErrorReply(new MessagingError("OUT", message), { showText: true }).body) as { message: string })
        .message;
    assert.is(cut("x".repeat(5_000)), "x".repeat(1_024));
    assert.ok(cut(`${"x".repeat(1_023)}😀`).isWellFormed());
    assert.ok(cut(`x${"😀".repeat(1_000)}`).length <= 1_024);
  });
});

describe("decodeErrorReply()", (test) => {
  test("gives back what encodeErrorReply() wrote", () => {
    const options = { data: [1], retryable: true, retryAfterMs: 10, correlationId: "c", status: 503 };
    const { headers, body } = encodeErrorReply(new MessagingError("BUSY", "Später", options), { showText: true });
    assert.equal(decodeErrorReply(headers, body), { ...nothing, code: "BUSY", message: "Später", ...options });
  });

  test("reads a plain ADR-32 service: text and status in headers, no body", () => {
    const headers = MessageHeaders.from({ "Nats-Service-Error": "no such user", "Nats-Service-Error-Code": "404" });
    assert.equal(decodeErrorReply(headers, new Uint8Array(0)), { ...nothing, message: "no such user", status: 404 });
  });

  test("reads the problem document that a gateway makes of one", () => {
    const body = encodeBody({
      type: "urn:x",
      title: "Busy",
      status: 429,
      detail: "Later",
      code: "BUSY",
      execution: "executed",
    });
    assert.equal(decodeErrorReply(MessageHeaders.empty, body), {
      ...nothing,
      code: "BUSY",
      message: "Later",
      execution: "executed",
    });
  });

  test("believes nothing that has the wrong type or size", () => {
    const body = encodeBody({
      code: "not a code",
      message: 7,
      retryable: "yes",
      retryAfterMs: -1,
      execution: "perhaps",
      correlationId: {},
    });
    assert.equal(decodeErrorReply(MessageHeaders.empty, body), nothing);
    for (const status of ["200", "600", "abc", "4e2.5", ""]) {
      const headers = MessageHeaders.from({ "Nats-Service-Error-Code": status });
      assert.is(decodeErrorReply(headers, new Uint8Array(0)).status, undefined, status);
    }
    for (const retryAfterMs of [Number.MAX_VALUE, 86_400_001, null, "1"]) {
      assert.is(decodeErrorReply(MessageHeaders.empty, encodeBody({ retryAfterMs })).retryAfterMs, undefined);
    }
    const long = encodeBody({ message: "m".repeat(5_000), correlationId: "c".repeat(5_000) });
    assert.is(decodeErrorReply(MessageHeaders.empty, long).message.length, 1_024);
    assert.is(decodeErrorReply(MessageHeaders.empty, long).correlationId?.length, 128);
  });

  test("never throws, whatever the body", () => {
    for (const text of ["", "[]", "null", "1", '"x"', "{", '{"__proto__":{"code":"BUSY"}}', "[".repeat(1_000)]) {
      assert.equal(decodeErrorReply(MessageHeaders.empty, new TextEncoder().encode(text)), nothing, text);
    }
    assert.equal(decodeErrorReply(MessageHeaders.empty, Uint8Array.of(0xff)), nothing);
  });
});

describe("isErrorReply()", (test) => {
  test("is any of the three headers, in any case", () => {
    for (const name of ["nats-service-error", "NATS-SERVICE-ERROR-CODE", "mb-error"]) {
      assert.ok(isErrorReply(MessageHeaders.fromTrusted([[name, "x"]])), name);
    }
    assert.not.ok(isErrorReply(MessageHeaders.empty));
    assert.not.ok(isErrorReply(MessageHeaders.from({ "X-Error": "x" })));
  });
});
