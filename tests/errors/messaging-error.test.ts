import * as assert from "uvu/assert";
import {
  type Execution,
  isLibraryCode,
  isMessagingError,
  type LibraryCode,
  libraryCodes,
  MessagingError,
} from "../../mod.ts";
import { describe } from "../support/suite.ts";

/** "Codes and statuses" of the API's document. */
const documented: Readonly<Record<LibraryCode, readonly [status: number, execution: Execution]>> = {
  INVALID_REQUEST: [400, "not-executed"],
  MALFORMED_MESSAGE: [400, "not-executed"],
  UNAUTHENTICATED: [401, "not-executed"],
  FORBIDDEN: [403, "not-executed"],
  PAYLOAD_TOO_LARGE: [413, "not-executed"],
  DECRYPTION_FAILED: [400, "not-executed"],
  UNSUPPORTED: [501, "not-executed"],
  INVALID_EVENT: [400, "not-executed"],
  BUSY: [503, "not-executed"],
  NO_RESPONDERS: [503, "not-executed"],
  DISCONNECTED: [503, "unknown"],
  TIMEOUT: [504, "unknown"],
  CANCELLED: [499, "unknown"],
  INVALID_RESPONSE: [502, "executed"],
  INTERNAL: [500, "unknown"],
};

describe("MessagingError", (test) => {
  for (const [code, [status, execution]] of Object.entries(documented)) {
    test(`${code} has the status and the execution of the document`, () => {
      const error = new MessagingError(code, "text");
      assert.equal([error.status, error.execution], [status, execution]);
    });
  }

  test("has the codes of the document and no others", () => {
    assert.equal(Object.keys(libraryCodes).sort(), Object.keys(documented).sort());
  });

  test("a contract's own code is 422, executed and not retryable where nothing is said", () => {
    const { status, execution, retryable, data } = new MessagingError("OUT_OF_STOCK", "text");
    assert.equal([status, execution, retryable, data], [422, "executed", false, undefined]);
  });

  test("only what may pass by itself is retryable", () => {
    const retryable = Object.keys(documented).filter((code) => new MessagingError(code, "text").retryable).sort();
    assert.equal(retryable, ["BUSY", "DISCONNECTED", "NO_RESPONDERS", "TIMEOUT"]);
  });

  test("takes what its maker says over what its code says", () => {
    const given = {
      data: { sku: "A1" },
      status: 409,
      retryable: true,
      retryAfterMs: 5,
      operation: "ask",
      execution: "not-executed",
      correlationId: "c",
    } as const;
    const error = new MessagingError("TIMEOUT", "text", given);
    for (const [name, value] of Object.entries(given)) assert.is(error[name as keyof typeof given], value, name);
  });

  test("is an Error with a stack, a name, and a cause where one was given", () => {
    const cause = new Error("underneath");
    const error = new MessagingError("TIMEOUT", "text", { cause });
    assert.instance(error, Error);
    assert.is(error.name, "MessagingError");
    assert.is(error.cause, cause);
    assert.match(error.stack ?? "", /^MessagingError: text|^Error: text/);
    assert.not.ok("cause" in new MessagingError("TIMEOUT", "text"));
  });

  test("toJSON() shows no stack and no cause, also of an error inside its data", () => {
    const error = new MessagingError("OUT", "text", {
      data: { inner: new MessagingError("INTERNAL", "inner", { cause: new Error("hush") }) },
      cause: new Error("hush"),
      operation: "ask",
    });
    const text = JSON.stringify(error);
    assert.not.match(text, /stack|cause|hush|messaging-error\.test/);
    assert.equal(JSON.parse(text).code, "OUT");
    assert.equal(Object.keys(error.toJSON()).sort(), [
      "code",
      "correlationId",
      "data",
      "execution",
      "message",
      "name",
      "operation",
      "retryAfterMs",
      "retryable",
      "status",
    ]);
  });

  test("isLibraryCode() knows the library's codes and no property of every object", () => {
    for (const code of Object.keys(documented)) assert.ok(isLibraryCode(code), code);
    for (const code of ["OUT_OF_STOCK", "", "timeout", "constructor", "__proto__"]) assert.not.ok(isLibraryCode(code));
  });
});

describe("isMessagingError()", (test) => {
  test("tells one from every other value, and by its code", () => {
    const error = new MessagingError("TIMEOUT", "text");
    assert.ok(isMessagingError(error));
    assert.ok(isMessagingError(error, "TIMEOUT"));
    assert.not.ok(isMessagingError(error, "BUSY"));
    const others = [
      new Error("text"),
      { code: "TIMEOUT", name: "MessagingError" },
      error.toJSON(),
      "TIMEOUT",
      null,
      undefined,
    ];
    for (const value of others) assert.not.ok(isMessagingError(value), String(value));
  });

  test("works across copies of the library", async () => {
    const load = (copy: string): Promise<typeof import("../../src/errors/messaging-error.ts")> =>
      import(new URL(`../../src/errors/messaging-error.ts?copy=${copy}`, import.meta.url).href);
    const [one, other] = [await load("one"), await load("other")];
    assert.is.not(one.MessagingError, other.MessagingError, "the two are copies");
    const error = new one.MessagingError("TIMEOUT", "text");
    assert.not.instance(error, other.MessagingError);
    assert.ok(other.isMessagingError(error, "TIMEOUT"));
    assert.ok(isMessagingError(error, "TIMEOUT"));
  });
});
