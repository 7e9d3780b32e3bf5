import * as assert from "uvu/assert";
import { OutgoingBuffer } from "../../src/nats/outgoing-buffer.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { describe } from "../support/suite.ts";

describe("OutgoingBuffer", (test) => {
  test("take() gives all that was written since the last one, and nothing that it gave changes", () => {
    const outgoing = new OutgoingBuffer();
    const random = seededRandom(11);
    const taken: Uint8Array[] = [];
    let expected = "";
    for (let count = 0; count < 3_000; count++) {
      const body = String(count % 10).repeat(random.below(random.pick([10, 100, 1_000, 100_000])));
      outgoing.writeMessage("a.b", count % 2 === 0 ? "r" : undefined, undefined, Buffer.from(body));
      expected += `PUB a.b ${count % 2 === 0 ? "r " : ""}${body.length}\r\n${body}\r\n`;
      if (random.below(5) === 0) {
        outgoing.writeLine("PING");
        expected += "PING\r\n";
        const { length } = outgoing;
        taken.push(outgoing.take());
        assert.is(taken.at(-1)!.length, length);
        assert.is(outgoing.length, 0);
      }
    }
    taken.push(outgoing.take());
    assert.ok(Buffer.concat(taken).toString() === expected);
  });

  test("keeps no memory of large messages", () => {
    const outgoing = new OutgoingBuffer();
    for (let count = 0; count < 9; count++) {
      outgoing.writeMessage("a", undefined, undefined, new Uint8Array(1_000_000));
    }
    outgoing.take();
    outgoing.writeMessage("a", undefined, undefined, new Uint8Array(10));
    assert.ok(outgoing.take().buffer.byteLength < 100_000);
  });
});
