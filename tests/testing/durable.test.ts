import * as assert from "uvu/assert";
import * as v from "valibot";
import { createContract } from "../../mod.ts";
import { createTestPair, FakeClock } from "../../src/testing/mod.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { describe } from "../support/suite.ts";
import { until } from "../support/until.ts";

const ledger = createContract({
  name: "ledger",
  version: "1.0.0",
  events: { booked: { schema: v.object({ id: v.string() }), subject: "{id}", durable: true } },
});

describe("A test pair of a contract with stored events", (test) => {
  test("records what is stored, and delivers it to durable subscriptions", async () => {
    await using pair = await createTestPair(ledger);
    await pair.server.broadcast("booked", { id: "1" });
    const heard: string[] = [];
    await pair.client.subscribe("booked", { durable: "billing", from: "all" }, ({ id }) => void heard.push(id)).ready;
    await pair.server.broadcast("booked", { id: "2" });
    await until("both are heard", () => heard.length === 2);
    assert.equal(heard, ["1", "2"]);
    assert.equal(pair.events.all("booked").map(({ data, outcome }) => [data, outcome.status]), [
      [{ id: "1" }, "sent"],
      [{ id: "2" }, "sent"],
    ]);
  });

  test("makes storing fail, and shows that what is stored twice is delivered once", async () => {
    await using pair = await createTestPair(ledger);
    pair.faults.fail("booked", "FORBIDDEN");
    await expectRejection(pair.server.broadcast("booked", { id: "1" }), { code: "FORBIDDEN" });
    // What may pass, the server tries again.
    pair.history.clear();
    pair.faults.fail("booked", "DISCONNECTED");
    await pair.server.broadcast("booked", { id: "1" });
    assert.equal(pair.events.all("booked").map(({ outcome }) => outcome.status), ["failed", "sent"]);
    pair.faults.duplicate("booked");
    await pair.server.broadcast("booked", { id: "2" });
    await pair.server.broadcast("booked", { id: "3" });
    const heard: string[] = [];
    await pair.client.subscribe("booked", { durable: "billing", from: "all" }, ({ id }) => void heard.push(id)).ready;
    await until("the last is heard", () => heard.includes("3"));
    assert.equal(heard, ["1", "2", "3"]);
  });

  test("has a failed event wait on the test's clock, until it is a dead letter", async () => {
    const clock = new FakeClock();
    await using pair = await createTestPair(ledger, { clock });
    const tries: number[] = [];
    const options = { durable: "billing", from: "all", maxAttempts: 3, backoffMs: [5_000] } as const;
    await pair.client.subscribe("booked", options, (_data, { attempt }) => {
      tries.push(attempt);
      throw new TypeError("no");
    }).ready;
    await pair.server.broadcast("booked", { id: "1" });
    await clock.advance(4_999);
    assert.equal(tries, [1]);
    await clock.advance(60_000);
    assert.equal(tries, [1, 2, 3]);
    for await (const { attempts, at } of pair.client.deadLetters("booked", { durable: "billing" })) {
      assert.is(attempts, 3);
      assert.ok(at.getTime() > clock.date() - 60_000 && at.getTime() <= clock.date());
    }
  });
});
