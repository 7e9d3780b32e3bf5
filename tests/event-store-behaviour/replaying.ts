import * as assert from "uvu/assert";
import type { StartPosition } from "../../mod.ts";
import { describe } from "../support/suite.ts";
import { until } from "../transport-behaviour/desk.ts";
import type { EventStoreKind } from "./event-store-kind.ts";
import { callOptions, numbers, sequencesOf, StoreScene, textOf, untilCount } from "./store-scene.ts";

const timeoutMs = 20_000;

/** Reading alone and in order. */
export function replayBehaviour(kind: EventStoreKind): void {
  describe(`${kind.name}: replay()`, (test) => {
    test("gives what is stored, before and after it began, in order and once", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind);
      await scene.putMany(100);
      const { reader, messages, states, resets } = scene.replay();
      assert.is(reader.state, "starting");
      await reader.ready;
      await scene.putMany(20, 101);
      await untilCount(messages, 120);
      assert.equal(sequencesOf(messages), numbers(1, 120));
      assert.is(textOf(messages[104]!), "m105");
      assert.ok(Math.abs(messages[104]!.publishedAt - Date.now()) < 15_000);
      assert.equal(resets, []);
      await Promise.all([reader.stop(), reader.stop()]);
      await scene.putMany(1, 121);
      assert.equal(states, ["active", "ended"]);
      assert.is(messages.length, 120);
    });

    test(
      "everybody who replays gets all of their subject, and consumers lose nothing by it",
      { timeoutMs },
      async () => {
        await using scene = await StoreScene.open(kind);
        for (const name of ["a.1", "b.1", "a.2"]) await scene.put(name);
        const one = scene.replay({ subject: scene.subject("a.*") });
        const other = scene.replay({ by: await scene.join() });
        await untilCount(one.messages, 2);
        await untilCount(other.messages, 3);
        assert.equal(one.messages.map(textOf), ["a.1", "a.2"]);
        const { deliveries } = scene.consume({ window: 10 });
        await untilCount(deliveries, 3);
      },
    );

    const begins: readonly [string, (time: number) => StartPosition, number][] = [
      ['"new" with what is stored after it began', () => "new", 5],
      ['"all" with the oldest', () => "all", 1],
      ["a time with what was stored then", (time) => ({ time: new Date(time) }), 4],
      ["a sequence with that one", () => ({ sequence: 3 }), 3],
      ["the sequence behind the last with the next one", () => ({ sequence: 5 }), 5],
    ];
    for (const [what, from, first] of begins) {
      test(`from ${what}`, { timeoutMs }, async () => {
        await using scene = await StoreScene.open(kind);
        await scene.putMany(3);
        const { publishedAt } =
          (await scene.store.read(scene.stream.name, { sequence: 3, subject: ">" }, callOptions))!;
        await until(() => Date.now() > publishedAt + 20);
        await scene.putMany(1, 4);
        const last = (await scene.store.read(scene.stream.name, { sequence: 4, subject: ">" }, callOptions))!;
        const { reader, messages, resets } = scene.replay({ from: from(last.publishedAt) });
        await reader.ready;
        await scene.putMany(1, 5);
        await untilCount(messages, 6 - first);
        assert.equal(sequencesOf(messages), numbers(first, 5));
        assert.equal(resets, []);
      });
    }

    for (
      const [what, stored, from, given] of [
        ["all of a stream", 30, "all", 30],
        ["a part of it", 30, { sequence: 21 }, 10],
        ["nothing, where all is new", 30, "new", 0],
        ["nothing, of an empty stream", 0, "all", 0],
      ] as const
    ) {
      test(`onCaughtUp comes once, when it has given what was stored: ${what}`, { timeoutMs }, async () => {
        await using scene = await StoreScene.open(kind);
        await scene.putMany(stored);
        const { reader, messages, caughtUp } = scene.replay({ from });
        await reader.ready;
        await until(() => caughtUp.length > 0);
        await scene.putMany(5, stored + 1);
        await untilCount(messages, given + 5);
        assert.equal(caughtUp, [given]);
      });
    }

    test("onCaughtUp comes behind the last of its subject, whatever else is stored", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind);
      for (const name of ["a.1", "a.2", "b.1", "b.2"]) await scene.put(name);
      let goOn = (): void => {};
      const first = new Promise<void>((resolve) => goOn = resolve);
      const { messages, caughtUp } = scene.replay({ subject: scene.subject("a.*"), onMessage: () => first });
      await untilCount(messages, 1);
      await scene.put("b.3");
      await scene.put("a.3");
      assert.equal(caughtUp, []);
      goOn();
      await untilCount(messages, 3);
      await until(() => caughtUp.length > 0);
      assert.ok([2, 3].includes(caughtUp[0]!), `after ${caughtUp[0]}`);
    });

    test("waits for the promise of a message before it gives the next one", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind);
      await scene.putMany(30);
      let running = 0;
      let most = 0;
      const { messages } = scene.replay({
        onMessage: async () => {
          running += 1;
          most = Math.max(most, running);
          await new Promise((resolve) => setTimeout(resolve, 2));
          running -= 1;
        },
      });
      await untilCount(messages, 30);
      assert.equal(sequencesOf(messages), numbers(1, 30));
      assert.is(most, 1);
    });

    test("gives nothing while a promise is open, however much is stored", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind);
      let goOn = (): void => {};
      const { messages } = scene.replay({ onMessage: () => new Promise((resolve) => goOn = resolve) });
      await scene.putMany(50);
      await until(() => messages.length === 1);
      await scene.connection.flush(1_000);
      assert.is(messages.length, 1);
      goOn();
      await until(() => messages.length === 2);
    });

    test("a callback that throws or rejects ends nothing", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind);
      await scene.putMany(3);
      const { messages, reader } = scene.replay({
        onMessage: () => {
          throw new Error("from a callback");
        },
      });
      await untilCount(messages, 3);
      assert.is(reader.state, "active");
    });

    test(
      "onReset says that what it was to go on with is gone, and it goes on with the oldest",
      { timeoutMs },
      async () => {
        await using scene = await StoreScene.open(kind, { maxMessages: 3 });
        await scene.putMany(8);
        const { messages, resets } = scene.replay({ from: { sequence: 4 } });
        await untilCount(messages, 3);
        assert.equal(sequencesOf(messages), [6, 7, 8]);
        assert.equal(resets, [0]);
      },
    );

    test("onReset says that the stream is another one than the sequence was of", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind);
      await scene.putMany(3);
      const { messages, resets } = scene.replay({ from: { sequence: 900 } });
      await untilCount(messages, 3);
      assert.equal(resets, [0]);
    });

    test(
      "from the first sequence of a stream that has all is no gap, nor is a message that was removed",
      { timeoutMs },
      async () => {
        await using scene = await StoreScene.open(kind);
        await scene.putMany(4);
        await scene.store.remove(scene.stream.name, 2, callOptions);
        const one = scene.replay({ from: { sequence: 1 } });
        const other = scene.replay({ from: { sequence: 2 } });
        await untilCount(one.messages, 3);
        await untilCount(other.messages, 2);
        assert.equal([...one.resets, ...other.resets], []);
      },
    );

    test("onReset says that messages went while it waited for a promise", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind, { maxMessages: 300 });
      let goOn = (): void => {};
      const first = new Promise<void>((resolve) => goOn = resolve);
      const { messages, resets } = scene.replay({ onMessage: () => first });
      await scene.putMany(1);
      await until(() => messages.length === 1);
      await Promise.all(numbers(2, 2_000).map((number) => scene.put(`m${number}`)));
      goOn();
      await until(() => messages.at(-1)?.sequence === 2_000, 10_000);
      assert.is(resets.length, 1);
      const sequences = sequencesOf(messages);
      assert.equal([...sequences].sort((one, other) => one - other), sequences);
      assert.is(new Set(sequences).size, sequences.length);
    });
  });
}
