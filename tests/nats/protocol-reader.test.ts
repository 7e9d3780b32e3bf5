import { Kind, Parser, type ParserEvent } from "@nats-io/nats-core/internal";
import * as assert from "uvu/assert";
import { ProtocolReader } from "../../src/nats/protocol-reader.ts";
import { describe } from "../support/suite.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("latin1");

function text(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : decoder.decode(bytes.slice());
}

function readAll(chunks: readonly Uint8Array[]): unknown[] {
  const found: unknown[] = [];
  const reader = new ProtocolReader({
    onMessage: (message) => {
      const { subscriptionId, subject, replySubject, headerBlock, body } = message;
      found.push(["MSG", subscriptionId, text(subject), text(replySubject), text(headerBlock), text(body)]);
    },
    onInfo: (json) => found.push(["INFO", json]),
    onError: (error) => found.push(["ERR", error]),
    onPing: () => found.push(["PING"]),
    onPong: () => found.push(["PONG"]),
  });
  for (const chunk of chunks) {
    const own = chunk.slice();
    reader.read(own);
    // A runtime may use a chunk's memory again: nothing may be read from it later.
    own.fill(0x21);
  }
  return found;
}

/** What nats-core's own parser finds in the same bytes. */
function readAllWithNatsCore(bytes: Uint8Array): unknown[] {
  const found: unknown[] = [];
  const parser = new Parser({
    push: ({ kind, msg, data }: ParserEvent) => {
      if (kind === Kind.MSG) {
        const split = Math.max(0, msg!.hdr);
        const block = split === 0 ? undefined : text(data!.subarray(0, split));
        found.push(["MSG", msg!.sid, text(msg!.subject), text(msg!.reply), block, text(data!.subarray(split))]);
      } else if (kind === Kind.INFO) found.push(["INFO", text(data)]);
      else if (kind === Kind.ERR) found.push(["ERR", text(data)]);
      else if (kind === Kind.PING) found.push(["PING"]);
      else if (kind === Kind.PONG) found.push(["PONG"]);
    },
  });
  parser.parse(bytes);
  return found;
}

/** Numbers that are the same in every run, from a seed. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}

function randomFrame(random: (below: number) => number): Uint8Array {
  const body = Uint8Array.from({ length: random(3) === 0 ? 0 : random(2_000) }, () => random(256));
  const join = (head: string, ...parts: Uint8Array[]): Uint8Array => {
    const all = [encoder.encode(head), ...parts, encoder.encode("\r\n")];
    return Uint8Array.from(all.flatMap((part) => [...part]));
  };
  const reply = random(2) === 0 ? " _INBOX.abc.def" : "";
  switch (random(7)) {
    case 0:
      return encoder.encode("PING\r\n");
    case 1:
      return encoder.encode("PONG\r\n");
    case 2:
      return encoder.encode("+OK\r\n");
    case 3:
      return encoder.encode("-ERR 'Permissions Violation for Publish to \"a.b\"'\r\n");
    case 4: {
      const block = encoder.encode(`NATS/1.0\r\nX: ${"v".repeat(random(300))}\r\n\r\n`);
      return join(`HMSG a.b ${random(1_000)}${reply} ${block.length} ${block.length + body.length}\r\n`, block, body);
    }
    case 5:
      return encoder.encode(`INFO {"version":"${"9".repeat(random(400))}"}\r\n`);
    default:
      return join(`MSG a.b.${random(10)} ${random(1_000)}${reply} ${body.length}\r\n`, body);
  }
}

function cut(bytes: Uint8Array, random: (below: number) => number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = start + 1 + random(random(2) === 0 ? 4 : 3_000);
    chunks.push(bytes.subarray(start, end));
    start = end;
  }
  return chunks;
}

describe("ProtocolReader", (test) => {
  test("read() finds the same as nats-core's parser in 300 streams of frames, however they are cut", () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = randomFrom(seed);
      const bytes = Uint8Array.from(
        Array.from({ length: 30 }, () => randomFrame(random)).flatMap((frame) => [...frame]),
      );
      const expected = readAllWithNatsCore(bytes);
      assert.equal(readAll([bytes]), expected, `seed ${seed}, whole`);
      assert.equal(readAll(cut(bytes, random)), expected, `seed ${seed}, cut`);
    }
  });

  test("read() takes one byte at a time", () => {
    const bytes = encoder.encode(
      "INFO {}\r\nHMSG a 1 _INBOX.x.y 12 14\r\nNATS/1.0\r\n\r\nhi\r\nMSG b 2 0\r\n\r\nPING\r\n",
    );
    assert.equal(readAll([...bytes].map((byte) => Uint8Array.of(byte))), [
      ["INFO", "{}"],
      ["MSG", 1, "a", "_INBOX.x.y", "NATS/1.0\r\n\r\n", "hi"],
      ["MSG", 2, "b", undefined, undefined, ""],
      ["PING"],
    ]);
  });

  test("read() refuses bytes that are not the protocol", () => {
    const streams = [
      "HTTP/1.1 400 Bad Request\r\n",
      "SSH-2.0-OpenSSH\r\n",
      "MSG a 1\r\n",
      "MSG a b 1\r\nx\r\n",
      "MSG a 1 -1\r\n",
      "MSG a 1 99999999999999999999\r\n",
      "MSG a 1 70000000\r\n",
      "MSG a 1 2\r\nxyz\r\n",
      "HMSG a 1 9 5\r\n",
      "MSGa 1 1\r\nx\r\n",
      "PINGPONG\r\n",
      "PING\n",
      "\r\n",
      "x".repeat(1024 * 1024 + 1),
    ];
    for (const stream of streams) {
      assert.throws(() => readAll([encoder.encode(stream)]), /not NATS protocol/, stream.slice(0, 40));
    }
  });
});
