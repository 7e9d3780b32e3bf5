import * as assert from "uvu/assert";
import { MemoryTransport } from "../../mod.ts";
import { contractStreams } from "../../src/durable/contract-streams.ts";
import { DeadLetterWriter } from "../../src/durable/dead-letter-writer.ts";
import { decodeHeaderBlock } from "../../src/message/header-block.ts";
import { describe } from "../support/suite.ts";
import { orders } from "./scene.ts";

const call = { timeoutMs: 1_000, operation: "orderPaid" };
const subject = "orders.v1.dead.orderPaid.billing";

describe("A dead letter writer", (test) => {
  test("keeps where an event came from that was sent again and cannot be read", async () => {
    const store = await (await new MemoryTransport().open()).eventStore!();
    const { deadLetters } = contractStreams(orders, undefined);
    await store.ensureStream(deadLetters, call);
    const stream = deadLetters.name;
    const letters = new DeadLetterWriter({ store, stream, subject, consumer: "billing=orderPaid", event: "orderPaid" });
    const lines = [
      "NATS/1.0",
      "Nats-Msg-Id: redrive:1:1700000000000",
      "Mb-Dead-Subject: orders.v1.event.orderPaid.??",
      "Mb-Dead-Sequence: 41",
      "Mb-Dead-Published-At: 2026-01-02T03:04:05.000Z",
      "Mb-Event-Id: paid-7",
    ];
    await letters.write({
      message: {
        subject: "orders.v1.redrive.orderPaid.billing",
        headerBlock: new TextEncoder().encode(lines.join("\r\n") + "\r\n\r\n"),
        body: new Uint8Array(0),
        sequence: 9,
        publishedAt: 1_800_000_000_000,
      },
      opened: undefined,
      stream,
      sentAgain: true,
      why: { reason: "MALFORMED_MESSAGE", detail: "It came on a subject that is not of its form", attempts: 1 },
      at: 1_800_000_000_000,
    });
    const letter = await store.read(stream, { sequence: 1, subject }, call);
    const { headers } = decodeHeaderBlock(letter!.headerBlock!);
    const kept = ["Mb-Dead-Subject", "Mb-Dead-Sequence", "Mb-Dead-Published-At", "Mb-Event-Id"].map((name) =>
      headers.get(name)
    );
    assert.equal(kept, ["orders.v1.event.orderPaid.??", "41", "2026-01-02T03:04:05.000Z", "paid-7"]);
  });
});
