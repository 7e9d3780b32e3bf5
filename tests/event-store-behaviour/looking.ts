import * as assert from "uvu/assert";
import { expectRejection } from "../support/expect-rejection.ts";
import { describe } from "../support/suite.ts";
import type { EventStoreKind } from "./event-store-kind.ts";
import { callOptions, StoreScene, textOf } from "./store-scene.ts";

/** Reading one message, removing one, and the bounds. */
export function lookingBehaviour(kind: EventStoreKind): void {
  describe(`${kind.name}: read(), remove() and bounds()`, (test) => {
    test("read() gives the first message at a sequence or behind it whose subject fits", async () => {
      await using scene = await StoreScene.open(kind);
      const before = Date.now();
      for (const name of ["a.x", "b.x", "a.y", "b.y"]) await scene.put(name);
      const read = async (sequence: number, pattern: string) => {
        const query = { sequence, subject: scene.subject(pattern) };
        return await scene.store.read(scene.stream.name, query, callOptions);
      };
      assert.is((await read(1, ">"))?.sequence, 1);
      assert.is((await read(3, ">"))?.sequence, 3);
      assert.is((await read(2, "a.*"))?.sequence, 3);
      assert.is((await read(1, "b.y"))?.sequence, 4);
      assert.is(await read(4, "a.*"), undefined);
      assert.is(await read(5, ">"), undefined);
      assert.is(await read(1, "c.*"), undefined);
      const message = await read(3, "a.y");
      assert.is(message!.subject, scene.subject("a.y"));
      assert.is(textOf(message!), "a.y");
      assert.ok(message!.publishedAt > before - 1_000 && message!.publishedAt < Date.now() + 1_000);
    });

    test("read() gives bytes that are the reader's own", async () => {
      await using scene = await StoreScene.open(kind);
      await scene.put("a");
      const read = () => scene.store.read(scene.stream.name, { sequence: 1, subject: ">" }, callOptions);
      const once = await read();
      once!.body.fill(0);
      once!.headerBlock!.fill(0);
      assert.is(textOf((await read())!), "a");
    });

    test("remove() takes a message out once, and leaves the numbers of the others", async () => {
      await using scene = await StoreScene.open(kind);
      await scene.putMany(4);
      const { name } = scene.stream;
      assert.is(await scene.store.remove(name, 2, callOptions), true);
      assert.is(await scene.store.remove(name, 2, callOptions), false);
      assert.is(await scene.store.remove(name, 9, callOptions), false);
      assert.equal(await scene.store.bounds(name, callOptions), { first: 1, last: 4 });
      assert.is((await scene.store.read(name, { sequence: 2, subject: ">" }, callOptions))?.sequence, 3);
      assert.is(await scene.store.remove(name, 1, callOptions), true);
      assert.equal(await scene.store.bounds(name, callOptions), { first: 3, last: 4 });
      assert.is(await scene.store.remove(name, 4, callOptions), true);
      assert.is((await scene.put("next")).sequence, 5);
    });

    test("bounds() of a stream that never had a message end at 0", async () => {
      await using scene = await StoreScene.open(kind);
      assert.is((await scene.store.bounds(scene.stream.name, callOptions)).last, 0);
    });

    test("a stream that is not there is an error, whichever way it is looked at", async () => {
      await using scene = await StoreScene.open(kind);
      const { store } = scene;
      const query = { sequence: 1, subject: ">" };
      const calls = [
        () => store.read("NOWHERE", query, callOptions),
        () => store.remove("NOWHERE", 1, callOptions),
        () => store.bounds("NOWHERE", callOptions),
      ];
      for (const call of calls) await expectRejection(call(), { code: "NO_RESPONDERS", message: /NOWHERE/ });
    });
  });
}
