import * as assert from "uvu/assert";
import { EventFrames } from "../../../src/gateway/live-page/browser/event-frames.ts";
import { describe } from "../../support/suite.ts";

const stream = [
  ": ready",
  "",
  "id: Ab3-1",
  "event: orderMoved",
  "subject: orderMoved.eu.42",
  "header: X-Tenant: acme",
  "header: X-Other: 1",
  'data: {"id":',
  'data: "42"}',
  "",
  ":",
  "",
  "id: Ab3-2",
  "event: heartbeat",
  "",
  "event: gateway.end",
  'data: {"code":"BUSY"}',
  "",
  "",
].join("\n");

const expected = [
  {
    id: "Ab3-1",
    name: "orderMoved",
    subject: "orderMoved.eu.42",
    headers: ["X-Tenant: acme", "X-Other: 1"],
    data: '{"id":\n"42"}',
  },
  { id: "Ab3-2", name: "heartbeat", subject: "heartbeat", headers: [], data: "" },
  { id: "", name: "gateway.end", subject: "gateway.end", headers: [], data: '{"code":"BUSY"}' },
];

describe("EventFrames", (test) => {
  test("read() gives the same events wherever the stream is cut, comments aside", () => {
    for (let size = 1; size <= stream.length; size++) {
      const frames = new EventFrames();
      const found = [];
      for (let start = 0; start < stream.length; start += size) {
        found.push(...frames.read(stream.slice(start, start + size)));
      }
      assert.equal(found, expected, `in chunks of ${size}`);
    }
  });

  test("read() takes lines that end in a carriage return and a line feed", () => {
    assert.equal(new EventFrames().read(stream.replaceAll("\n", "\r\n")).map(({ name }) => name), [
      "orderMoved",
      "heartbeat",
      "gateway.end",
    ]);
  });

  test("read() keeps no line of any length", () => {
    const frames = new EventFrames();
    const part = "x".repeat(1024 * 1024);
    assert.throws(() => {
      for (let count = 0; count < 10; count++) frames.read(part);
    }, /does not end/);
  });
});
