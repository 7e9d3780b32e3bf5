import * as assert from "uvu/assert";
import { isMessagingError, MessageHeaders } from "../../mod.ts";
import { decodeHeaderBlock, encodeHeaderBlock, isNoResponders } from "../../src/message/header-block.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { describe } from "../support/suite.ts";

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function refuses(text: string, message: RegExp): void {
  assert.throws(
    () => decodeHeaderBlock(bytes(text)),
    (error: Error) => {
      assert.ok(isMessagingError(error, "MALFORMED_MESSAGE"), String(error));
      assert.match(error.message, message);
      return true;
    },
  );
}

function foreign(count: number, valueLength: number): string {
  const lines = Array.from({ length: count }, (_, index) => `X-${index}: ${"v".repeat(valueLength)}\r\n`);
  return `NATS/1.0\r\n${lines.join("")}\r\n`;
}

describe("encodeHeaderBlock()", (test) => {
  test("writes what ADR-4 says", () => {
    const headers = MessageHeaders.from([["B", "2"], ["a", "1: x"], ["B", ""]]);
    assert.equal(encodeHeaderBlock(headers), bytes("NATS/1.0\r\nB: 2\r\na: 1: x\r\nB: \r\n\r\n"));
    assert.equal(encodeHeaderBlock(MessageHeaders.empty, 503), bytes("NATS/1.0 503\r\n\r\n"));
  });
});

describe("decodeHeaderBlock()", (test) => {
  test("gives back what encodeHeaderBlock() wrote: names in their case, values, order, repeats", () => {
    const random = seededRandom(6);
    for (let round = 0; round < 500; round++) {
      const entries = Array.from({ length: random.below(12) }, () => {
        const name = `${random.pick(["X-", "x-", "Mb-", "Nats-", "a"])}${random.below(5)}`;
        return [name, random.pick(["", "1", "a b", "a:b", ":", "é中😀", "x\ty", '("~")'])] as const;
      });
      const block = encodeHeaderBlock(MessageHeaders.fromTrusted(entries));
      assert.equal([...decodeHeaderBlock(block).headers], entries);
    }
  });

  test("reads the broker's inline status, and 0 where there is none", () => {
    const statuses = { "NATS/1.0 503": 503, "NATS/1.0 100 FlowControl Request": 100, "NATS/1.0": 0, "NATS/1.0 ?": 0 };
    for (const [line, status] of Object.entries(statuses)) {
      assert.is(decodeHeaderBlock(bytes(`${line}\r\n\r\n`)).status, status, line);
    }
  });

  test("reads headers without a space after the colon, as other clients write them", () => {
    assert.equal([...decodeHeaderBlock(bytes("NATS/1.0\r\na:1\r\nb:  2 \r\n\r\n")).headers], [["a", "1"], ["b", "2"]]);
  });

  test("refuses a block that is none", () => {
    for (const text of ["", "HTTP/1.1 200", "nats/1.0\r\n\r\n", "\r\n\r\n"]) {
      refuses(text, /does not start with NATS\/1.0$/);
    }
  });

  test("refuses names and values that no header has", () => {
    for (
      const line of ["novalue", ": v", "a b: v", "é: v", "a\0: v", "a: \0", "a: x\ny", "a: x\ry", "a: \x7f", "a: \x85"]
    ) {
      refuses(`NATS/1.0\r\n${line}\r\n\r\n`, /a header of it has no sound name and value$/);
    }
    refuses(`NATS/1.0\r\n${"n".repeat(129)}: v\r\n\r\n`, /no sound name/);
  });

  test("reads 32 foreign headers and refuses 33", () => {
    assert.is(decodeHeaderBlock(bytes(foreign(32, 8))).headers.size, 32);
    refuses(
      foreign(33, 8),
      /^Cannot read a message: it has 33 headers of \d+ bytes, at most 32 of 8192 bytes are read$/,
    );
  });

  test("refuses over 8 KiB of foreign headers, and over 32 KiB in all", () => {
    assert.is(decodeHeaderBlock(bytes(foreign(8, 1_000))).headers.size, 8);
    refuses(foreign(9, 1_000), /at most 32 of 8192 bytes are read$/);
    refuses(foreign(1, 8_193), /at most 32 of 8192 bytes are read$/);
    refuses(foreign(1, 40_000), /^Cannot read a message: its header block has \d+ bytes, at most 32768 are read$/);
  });

  test("counts neither the library's own headers nor a long token as foreign", () => {
    const own = `NATS/1.0\r\nAuthorization: Bearer ${"t".repeat(16_000)}\r\nMb-Timeout: 1\r\nNats-Msg-Id: 2\r\n`;
    assert.is(decodeHeaderBlock(bytes(own + foreign(32, 8).slice(10))).headers.size, 35);
  });

  test("throws MALFORMED_MESSAGE and nothing else, for 300 hostile blocks", () => {
    const random = seededRandom(7);
    const pieces = [
      "NATS/1.0",
      " 503",
      "\r\n",
      "\r",
      "\n",
      ":",
      " ",
      "a",
      "Mb-",
      "é",
      "\0",
      "\ufeff",
      "__proto__",
      "x".repeat(9_000),
    ];
    let refused = 0;
    for (let round = 0; round < 300; round++) {
      const text = Array.from({ length: random.below(30) }, () => random.pick(pieces)).join("");
      const block = bytes(random.below(2) === 0 ? text : `NATS/1.0\r\n${text}`);
      for (let flips = random.below(4); flips > 0 && block.length > 0; flips--) {
        block[random.below(block.length)] = random.below(256);
      }
      try {
        for (const [name, value] of decodeHeaderBlock(block).headers) assert.not.match(name + value, /[\r\n\0]/);
      } catch (error) {
        assert.ok(isMessagingError(error, "MALFORMED_MESSAGE"), `${error} for ${block}`);
        refused += 1;
      }
    }
    assert.ok(refused > 100 && refused < 300, `${refused} refused: some of both are wanted`);
  });
});

describe("isNoResponders()", (test) => {
  const empty = new Uint8Array(0);

  test("is the status 503 over an empty body", () => {
    assert.ok(isNoResponders(bytes("NATS/1.0 503\r\n\r\n"), empty));
    assert.ok(isNoResponders(bytes("NATS/1.0 503 No Responders\r\n\r\n"), empty));
  });

  test("is not a service that answers 503, nor anything else", () => {
    assert.not.ok(isNoResponders(bytes("NATS/1.0 503\r\n\r\n"), bytes("{}")));
    assert.not.ok(isNoResponders(bytes("NATS/1.0\r\nNats-Service-Error-Code: 503\r\n\r\n"), empty));
    assert.not.ok(isNoResponders(bytes("NATS/1.0 404\r\n\r\n"), empty));
    assert.not.ok(isNoResponders(bytes("NATS/1.0"), empty));
    assert.not.ok(isNoResponders(empty, empty));
    assert.not.ok(isNoResponders(undefined, empty));
  });
});
