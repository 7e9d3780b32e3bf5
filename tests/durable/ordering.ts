import * as assert from "uvu/assert";
import { createPayloadEncryption } from "../../src/security/mod.ts";
import { describe } from "../support/suite.ts";
import { until } from "../support/until.ts";
import type { DurableKind } from "./durable-kind.ts";
import { openScene, untilLetters } from "./scene.ts";

const key = btoa(String.fromCharCode(...new Uint8Array(32).fill(7)));

/** Events of one key one after another. */
export function ordering({ name, connect }: DurableKind): void {
  describe(`${name}: orderedBy`, (test) => {
    test("keeps the order of each key across failures, and the others go on", async () => {
      const encryption = createPayloadEncryption({ keys: { k: key }, current: "k" });
      await using scene = await openScene(connect, { encryption });
      const keys = Array.from({ length: 10 }, (_, index) => `key-${index}`);
      const running = new Set<string>();
      const seen = new Map<string, number[]>(keys.map((id) => [id, []]));
      let together = 0;
      let overlaps = 0;
      let othersBehind = false;
      const options = { durable: "billing", from: "all", concurrency: 8, orderedBy: "id", backoffMs: [20] } as const;
      await scene.client.subscribe("orderMoved", options, async ({ id, count }, { attempt }) => {
        if (running.has(id)) overlaps += 1;
        running.add(id);
        together = Math.max(together, running.size);
        await new Promise((resolve) => setTimeout(resolve, 1));
        running.delete(id);
        if (id === "key-3" && count % 3 === 1 && attempt < 3) {
          othersBehind ||= seen.get("key-4")!.length > seen.get("key-3")!.length;
          throw new TypeError("not now");
        }
        seen.get(id)!.push(count);
      }).ready;
      for (let count = 0; count < 10; count++) {
        await Promise.all(keys.map((id) => scene.server.broadcast("orderMoved", { id, region: "eu", count })));
      }
      await until("all events", () => [...seen.values()].every(({ length }) => length === 10));
      for (const id of keys) assert.equal(seen.get(id), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], id);
      assert.equal([overlaps, othersBehind, together > 1], [0, true, true]);
    });

    test("goes on behind an event that became a dead letter", async () => {
      await using scene = await openScene(connect);
      const seen: string[] = [];
      const options = { durable: "billing", from: "all", orderedBy: "id", maxAttempts: 2, backoffMs: [1] } as const;
      await scene.client.subscribe("orderMoved", options, ({ id, count }, { attempt }) => {
        seen.push(`${id}${count} ${attempt}`);
        if (count === 1) throw new TypeError("never");
      }).ready;
      for (const count of [0, 1, 2]) await scene.server.broadcast("orderMoved", { id: "a", region: "eu", count });
      const [letter] = await untilLetters(scene.client, "orderMoved", 1);
      await until("the last", () => seen.length === 4);
      assert.equal([letter!.sequence, seen], [2, ["a0 1", "a1 1", "a1 2", "a2 1"]]);
    });

    test("hands over to another instance in order", async () => {
      await using scene = await openScene(connect);
      const other = await scene.join();
      const seen: string[] = [];
      const options = { durable: "billing", from: "all", orderedBy: "id", concurrency: 4, ackWaitMs: 500 } as const;
      let hold = true;
      const first = scene.client.subscribe("orderMoved", options, async ({ id, count }) => {
        if (hold && count === 2) await until("the hand-over", () => !hold);
        seen.push(`${id}${count}`);
      });
      await first.ready;
      for (const count of [0, 1, 2, 3, 4]) await scene.server.broadcast("orderMoved", { id: "a", region: "eu", count });
      await until("the third", () => seen.length === 2);
      const second = other.subscribe("orderMoved", options, ({ id, count }) => void seen.push(`${id}${count}`));
      const leaving = first.unsubscribe();
      hold = false;
      await leaving;
      await until("the rest", () => seen.length === 5, 9_000);
      await second.ready;
      assert.equal(seen, ["a0", "a1", "a2", "a3", "a4"]);
    });

    test("refuses what is no string or number field of the schema", async () => {
      await using scene = await openScene(connect);
      const options = { durable: "billing", orderedBy: "colour" as "id" };
      const subscription = scene.client.subscribe("orderMoved", options, () => {});
      const error = await subscription.ready.then(() => undefined, (thrown: Error) => thrown);
      assert.ok(error instanceof TypeError && error.message.includes('"colour"'));
      assert.is(subscription.status, "ended");
    });
  });
}
