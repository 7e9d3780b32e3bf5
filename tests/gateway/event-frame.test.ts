import * as assert from "uvu/assert";
import { MessageHeaders, MessagingError } from "../../mod.ts";
import { endFrame, eventFrame, resetFrame } from "../../src/gateway/event-frame.ts";
import { hostileStrings } from "../support/hostile-strings.ts";
import { describe } from "../support/suite.ts";

const decoder = new TextDecoder();

/** The fields of a frame as an EventSource reads them: lines end with CR, LF or both; an empty one ends the event. */
function read(frame: Uint8Array): { fields: string[]; ends: number } {
  const lines = decoder.decode(frame).split(/\r\n|\r|\n/);
  assert.is(lines.pop(), "");
  return { fields: lines.filter((line) => line !== ""), ends: lines.filter((line) => line === "").length };
}

describe("Frames of an event stream", (test) => {
  test("are one event each, whatever stands in any field: 500 hostile strings", () => {
    for (const text of hostileStrings(500, 5)) {
      const body = new TextEncoder().encode(JSON.stringify({ text }));
      const headers = MessageHeaders.fromTrusted([["X-Text", text], [text, "1"]]);
      const event = { id: text, name: text, subject: text, headers, body };
      const { fields, ends } = read(eventFrame(event));
      assert.is(ends, 1, JSON.stringify(text));
      assert.ok(fields.every((field) => /^(?:id|event|subject|header|data): /.test(field)), JSON.stringify(fields));
      assert.is(fields.filter((field) => field.startsWith("data: ")).length, 1);
      assert.is(fields.filter((field) => field.startsWith("event: ")).length, 1);
      assert.equal(JSON.parse(fields.at(-1)!.slice(6)), { text });
      const ended = read(endFrame(new MessagingError("BUSY", text, { data: { text }, operation: text })));
      assert.equal([ended.ends, ended.fields.length], [1, 2]);
      assert.equal([read(resetFrame(text)).ends, read(resetFrame(text)).fields.length], [1, 2]);
    }
  });

  test("keep the inside's headers inside", () => {
    const names = [
      "Nats-Msg-Id",
      "NATS-X",
      "Mb-Encryption",
      "mb-signature",
      "Authorization",
      "traceparent",
      "Tracestate",
    ];
    const headers = MessageHeaders.fromTrusted([...names.map((name) => [name, "x"] as const), ["X-Kept", "y"]]);
    const { fields } = read(
      eventFrame({ id: "a-1", name: "moved", subject: "moved", headers, body: new Uint8Array(0) }),
    );
    assert.equal(fields, ["id: a-1", "event: moved", "subject: moved", "header: X-Kept: y"]);
  });
});
