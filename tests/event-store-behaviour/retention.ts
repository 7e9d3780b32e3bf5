import * as assert from "uvu/assert";
import { describe } from "../support/suite.ts";
import { until } from "../support/until.ts";
import type { EventStoreKind } from "./event-store-kind.ts";
import { callOptions, StoreScene } from "./store-scene.ts";

/** What a stream keeps. */
export function retentionBehaviour(kind: EventStoreKind): void {
  describe(`${kind.name}: retention`, (test) => {
    test("maxMessages keeps so many, the newest", async () => {
      await using scene = await StoreScene.open(kind, { maxMessages: 3 });
      await scene.putMany(5);
      assert.equal(await scene.store.bounds(scene.stream.name, callOptions), { first: 3, last: 5 });
      const oldest = await scene.store.read(scene.stream.name, { sequence: 1, subject: ">" }, callOptions);
      assert.is(oldest?.sequence, 3);
    });

    test("maxBytes keeps so many, the newest, the headers and subjects counted", async () => {
      await using scene = await StoreScene.open(kind, { maxBytes: 4_000 });
      for (let number = 1; number <= 10; number++) await scene.put("a", "x".repeat(1_000));
      const { first, last } = await scene.store.bounds(scene.stream.name, callOptions);
      assert.equal([first, last], [8, 10]);
    });

    test("maxAgeMs takes messages away when they are so old", async () => {
      await using scene = await StoreScene.open(kind, { maxAgeMs: 500 });
      await scene.putMany(2);
      assert.equal(await scene.store.bounds(scene.stream.name, callOptions), { first: 1, last: 2 });
      await until("both messages are gone", async () => {
        const { first, last } = await scene.store.bounds(scene.stream.name, callOptions);
        return first === 3 && last === 2;
      });
      const none = await scene.store.read(scene.stream.name, { sequence: 1, subject: ">" }, callOptions);
      assert.is(none, undefined);
      assert.is((await scene.put("a")).sequence, 3);
    });
  });
}
