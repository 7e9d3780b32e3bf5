import * as assert from "uvu/assert";
import { isMessagingError } from "../../mod.ts";
import { EventReader, type ServerSentEvent } from "../../src/http/event-reader.ts";
import { describe } from "../support/suite.ts";

const encoder = new TextEncoder();

/** Reads a text whose bytes come in the given pieces. */
function readInPieces(pieces: readonly Uint8Array[], maximumLength = 10_000): [EventReader, ServerSentEvent[]] {
  const events: ServerSentEvent[] = [];
  const reader = new EventReader(maximumLength, (event) => events.push(event));
  for (const piece of pieces) reader.read(piece);
  return [reader, events];
}

function read(text: string, maximumLength?: number): [EventReader, ServerSentEvent[]] {
  return readInPieces([encoder.encode(text)], maximumLength);
}

function dataOf(text: string): string[] {
  return read(text)[1].map(({ data }) => data);
}

const wholeStream = "\uFEFF: ready\n\n" +
  'id: abcdefgh-1\nevent: orderMoved\nsubject: orderMoved.eu.42\nheader: X-Tenant: acme\nheader: X-Two:b:c\ndata: {"id":"42"}\n\n' +
  ":\r\n\r\n" +
  "id: abcdefgh-2\revent: häß 日本 🚀\rsubject: s\rtime: 1700000000123\rdata: one 🚀\rdata:two\rdata\rdata: \uFEFFfour\r\r" +
  "event: empty\r\nsubject: empty\r\n\r\n" +
  "retry: 1500\nunknown: x\n\n" +
  "id: abcdefgh-3\nsubject: last\ndata: 3\n\n" +
  "id: abcdefgh-4\ndata: never finished\n";

const wholeEvents: ServerSentEvent[] = [
  {
    event: "orderMoved",
    id: "abcdefgh-1",
    subject: "orderMoved.eu.42",
    time: undefined,
    headers: [["X-Tenant", "acme"], ["X-Two", "b:c"]],
    data: '{"id":"42"}',
  },
  {
    event: "häß 日本 🚀",
    id: "abcdefgh-2",
    subject: "s",
    time: 1_700_000_000_123,
    headers: [],
    data: "one 🚀\ntwo\n\n\uFEFFfour",
  },
  { event: "empty", id: undefined, subject: "empty", time: undefined, headers: [], data: "" },
  { event: "", id: "abcdefgh-3", subject: "last", time: undefined, headers: [], data: "3" },
];

/** What the reader of server-sent events does in every runtime: each has a text decoder of its own. */
export function eventReaderBehaviour(): void {
  describe("EventReader", (test) => {
    test("reads the same events wherever the bytes are cut in two", () => {
      const bytes = encoder.encode(wholeStream);
      for (let cut = 0; cut <= bytes.length; cut++) {
        const [reader, events] = readInPieces([bytes.subarray(0, cut), bytes.subarray(cut)]);
        assert.equal(events, wholeEvents, `cut at ${cut}`);
        assert.equal([reader.lastEventId, reader.retryMs], ["abcdefgh-3", 1_500], `cut at ${cut}`);
      }
    });

    test("reads the same events byte by byte, with nothing between them and with empty pieces", () => {
      const bytes = encoder.encode(wholeStream);
      const single = Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));
      assert.equal(readInPieces(single)[1], wholeEvents);
      assert.equal(readInPieces(single.flatMap((piece) => [new Uint8Array(0), piece]))[1], wholeEvents);
    });

    test("knows every pair of places where bytes are cut, in a short stream of all line ends", () => {
      const bytes = encoder.encode("data: é\r\n\r\ndata:b\r\rdata: c\n\n\r\n");
      for (let first = 0; first <= bytes.length; first++) {
        for (let second = first; second <= bytes.length; second++) {
          const pieces = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)];
          assert.equal(readInPieces(pieces)[1].map(({ data }) => data), ["é", "b", "c"], `${first} ${second}`);
        }
      }
    });

    test("ends a line with its CR at once, before it knows whether an LF follows", () => {
      assert.equal(dataOf("data: now\r\r"), ["now"]);
      assert.equal(dataOf("data: now\r\n\r"), ["now"]);
    });

    test("takes one space after the colon away, and no more", () => {
      assert.equal(dataOf("data:  two\n\ndata:none\n\ndata: one\n\ndata:\ttab\n\n"), [" two", "none", "one", "\ttab"]);
    });

    test("a comment, an unknown field and a line without a colon make no event of their own", () => {
      assert.equal(read(": c\n\n:\n\nfoo: bar\n\nfoo\n\nid: a-1\n\nretry: 1\n\n\n\n")[1], []);
    });

    test("remembers an id only with the end of its event: a stream cut before it resumes before it", () => {
      const [reader] = read("id: a-1\ndata: 1\n\nid: a-2\ndata: 2\n");
      assert.is(reader.lastEventId, "a-1");
      reader.read(encoder.encode("\n"));
      assert.is(reader.lastEventId, "a-2");
    });

    test("keeps where it stood over a restart, and nothing else", () => {
      const [reader, events] = read("id: a-1\nretry: 20\ndata: 1\n\nid: a-2\ndata: 2\nda");
      reader.restart();
      reader.read(encoder.encode("\uFEFFdata: 3\n\n"));
      assert.equal(events.map(({ data }) => data), ["1", "3"]);
      assert.equal([reader.lastEventId, reader.retryMs], ["a-1", 20]);
    });

    test("forgets a CR over a restart: the next stream may start with an empty line", () => {
      const [reader, events] = read("data: 1\r");
      reader.restart();
      reader.read(encoder.encode("\ndata: 2\n\n"));
      assert.equal(events.map(({ data }) => data), ["2"]);
    });

    test("does not take an id or a retry that could not travel in a header or be a time", () => {
      const [reader] = read("id: a-1\nretry: 5\ndata: x\n\n");
      for (const id of ["", "a b", "a\u0000b", "ä", "x".repeat(129)]) {
        reader.read(encoder.encode(`id: ${id}\ndata: x\n\n`));
      }
      for (const retry of ["-1", "1.5", "", "x", "9999999999"]) reader.read(encoder.encode(`retry: ${retry}\n\n`));
      assert.equal([reader.lastEventId, reader.retryMs], ["a-1", 5]);
    });

    test("replaces bytes that are no UTF-8 and goes on", () => {
      const bytes = Uint8Array.of(...encoder.encode("data: a"), 0xff, 0xc3, ...encoder.encode("\n\ndata: b\n\n"));
      assert.equal(readInPieces([bytes])[1].map(({ data }) => data), ["a\uFFFD\uFFFD", "b"]);
    });

    test("keeps no line and no event over its limit, whatever it is made of, and takes one at the limit", () => {
      const limit = 100;
      assert.equal(read(`data: ${"x".repeat(limit - 6)}\n\n`, limit)[1].length, 1);
      const tooLong = [
        `data: ${"x".repeat(limit)}`,
        `:${"x".repeat(limit)}`,
        "x".repeat(limit + 1),
        `data: ${"x".repeat(limit)}\n\n`,
        "data\n".repeat(limit),
        "header: a: b\n".repeat(limit),
        `data: ${"x".repeat(limit - 6)}\ndata`,
      ];
      for (const text of tooLong) {
        for (const pieces of [[encoder.encode(text)], Array.from(text, (letter) => encoder.encode(letter))]) {
          assert.throws(
            () => readInPieces(pieces, limit),
            (error: unknown) => isMessagingError(error, "PAYLOAD_TOO_LARGE"),
            text.slice(0, 20),
          );
        }
      }
    });

    test("counts each event for itself: comments and short events go on for ever", () => {
      const [, events] = read(": heartbeat of twenty\n\ndata: 1\n:\n:\n\n".repeat(1_000), 30);
      assert.is(events.length, 1_000);
    });

    test("reads a large event in many small pieces in a time that grows with its length", () => {
      const bytes = encoder.encode(`data: ${"x".repeat(2_000_000)}\n\n`);
      const pieces: Uint8Array[] = [];
      for (let start = 0; start < bytes.length; start += 100) pieces.push(bytes.subarray(start, start + 100));
      const start = performance.now();
      const [, events] = readInPieces(pieces, 4_000_000);
      assert.is(events[0]?.data.length, 2_000_000);
      assert.ok(performance.now() - start < 2_000, `${performance.now() - start} ms`);
    });
  });
}
