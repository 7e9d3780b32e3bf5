import * as assert from "uvu/assert";
import { MessagingError, safe } from "../../mod.ts";
import { describe } from "../support/suite.ts";

describe("safe()", (test) => {
  test("gives the value of a call that went well", async () => {
    assert.equal(await safe(Promise.resolve(42)), { ok: true, value: 42 });
    assert.equal(await safe(Promise.resolve(undefined)), { ok: true, value: undefined });
  });

  test("gives the error of a call that failed, itself", async () => {
    const error = new MessagingError("TIMEOUT", "too late");
    const result = await safe(Promise.reject(error));
    assert.not.ok(result.ok);
    assert.is(result.ok ? undefined : result.error, error);
  });

  test("turns whatever else is thrown into INTERNAL, with the original as its cause", async () => {
    const thrown = [
      new TypeError("a bug"),
      "text",
      7,
      null,
      undefined,
      Symbol("s"),
      { message: "like an error" },
      Object.create(null),
    ];
    for (const cause of thrown) {
      const result = await safe(Promise.reject(cause));
      if (result.ok) throw new Error("a rejection is no value");
      assert.is(result.error.code, "INTERNAL");
      assert.is(result.error.cause, cause);
      assert.type(result.error.message, "string");
    }
  });

  test("keeps the message of an error", async () => {
    const result = await safe(Promise.reject(new TypeError("a bug")));
    assert.is(result.ok ? "" : result.error.message, "a bug");
  });

  test("never rejects and never throws", async () => {
    const hostile = {
      get message(): string {
        throw new Error("while it was read");
      },
      toString(): string {
        throw new Error("while it was shown");
      },
    };
    const result = await safe(Promise.reject(hostile));
    assert.is(result.ok ? "" : result.error.code, "INTERNAL");
  });
});
