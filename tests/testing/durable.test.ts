import * as assert from "uvu/assert";
import * as v from "valibot";
import { createContract } from "../../mod.ts";
import { createTestPair } from "../../src/testing/mod.ts";
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
});
