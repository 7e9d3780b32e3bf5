import * as assert from "uvu/assert";
import { describe } from "../support/suite.ts";
import { until } from "../support/until.ts";
import { lettersOf, openScene } from "./scene.ts";

describe("a durable event", (test) => {
  test("is handled with what the stream knows of it", async () => {
    await using scene = await openScene();
    const stored = await scene.server.broadcast("orderMoved", { id: "7", region: "eu", count: 1 });
    assert.equal(stored, { stream: "ORDERS_V1", sequence: 1, duplicate: false });
    const seen: unknown[] = [];
    const subscription = scene.client.subscribe("orderMoved", { durable: "billing", from: "all" }, (data, context) => {
      seen.push(
        { ...data },
        context.attempt,
        context.sequence,
        context.redelivered,
        { ...context.params },
        context.subject,
      );
    });
    await subscription.ready;
    assert.is(subscription.status, "active");
    await until("the event", () => seen.length > 0);
    assert.equal(seen, [
      { id: "7", region: "eu", count: 1 },
      1,
      1,
      false,
      { region: "eu", id: "7" },
      "orders.v1.event.orderMoved.eu.7",
    ]);
  });

  test("becomes a dead letter, and is sent again", async () => {
    await using scene = await openScene();
    let fixed = false;
    const seen: unknown[] = [];
    const subscription = scene.client.subscribe("orderPaid", {
      durable: "billing",
      from: "all",
      maxAttempts: 3,
      backoffMs: [1],
    }, (_data, context) => {
      seen.push([context.attempt, context.redelivered, context.id]);
      if (!fixed) throw new RangeError("secret");
    });
    await subscription.ready;
    await scene.server.broadcast("orderPaid", { id: "7" }, { id: "mine" });
    const letters = () => lettersOf(scene.client, "orderPaid");
    const [letter] = await until("a letter", async () => {
      const l = await letters();
      return l.length > 0 && l;
    });
    assert.equal([letter!.reason, letter!.detail, letter!.attempts, letter!.event], [
      "INTERNAL",
      "The handler threw RangeError at attempt 3",
      3,
      { id: "7" },
    ]);
    fixed = true;
    await letter!.redrive();
    await until("again", () => seen.length === 4);
    assert.equal(seen[3], [1, true, letter!.id]);
    assert.equal(await letters(), []);
  });
});
