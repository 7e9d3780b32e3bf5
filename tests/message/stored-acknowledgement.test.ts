import * as assert from "uvu/assert";
import { MessageHeaders } from "../../mod.ts";
import { acknowledgingStream } from "../../src/message/stored-acknowledgement.ts";
import { describe } from "../support/suite.ts";

describe("acknowledgingStream()", (test) => {
  test("names the stream of a JetStream publish acknowledgement", () => {
    assert.is(acknowledgingStream(MessageHeaders.empty, { stream: "ORDERS", seq: 7 }), "ORDERS");
    const full = { stream: "ORDERS", domain: "hub", seq: 7, duplicate: true, val: "1", batch: "b", count: 2 };
    assert.is(acknowledgingStream(MessageHeaders.empty, full), "ORDERS");
  });

  test("takes no service's answer for one", () => {
    const answers = [
      { stream: "ORDERS", seq: 7, id: "1" },
      { stream: "ORDERS" },
      { stream: 1, seq: 7 },
      { stream: "ORDERS", seq: 7.5 },
      { stream: "ORDERS", seq: "7" },
      ["ORDERS", 7],
      "ORDERS",
      null,
      undefined,
    ];
    for (const answer of answers) {
      assert.is(acknowledgingStream(MessageHeaders.empty, answer), undefined, JSON.stringify(answer));
    }
  });

  test("takes no answer with headers for one: the broker's has none", () => {
    assert.is(acknowledgingStream(MessageHeaders.from({ "X-Id": "1" }), { stream: "ORDERS", seq: 7 }), undefined);
  });

  test("shows at most 128 characters of the name", () => {
    assert.is(acknowledgingStream(MessageHeaders.empty, { stream: "S".repeat(1_000), seq: 1 })?.length, 128);
  });
});
