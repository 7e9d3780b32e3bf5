import * as assert from "uvu/assert";
import { isMessagingError } from "../../mod.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { describe } from "../support/suite.ts";
import { until } from "../transport-behaviour/desk.ts";
import type { EventStoreKind } from "./event-store-kind.ts";
import { acknowledgeAtOnce, callOptions, sequencesOf, StoreScene, untilCount } from "./store-scene.ts";

const timeoutMs = 30_000;
const resumeMs = 15_000;

/** What streams, consumers and connections that go away do to those who use them. */
export function endingBehaviour(kind: EventStoreKind): void {
  describe(`${kind.name}: what is deleted meanwhile`, (test) => {
    test("a stream is made again by who consumes it, and read from its beginning", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind, { maxMessages: 1_000 });
      const { reader, deliveries, states } = scene.consume({ from: "new", onDelivery: acknowledgeAtOnce });
      await reader.ready;
      await scene.putMany(2);
      await untilCount(deliveries, 2);
      await kind.deleteStream(scene.stream.name, scene.connection);
      await until(() => states.length >= 3 && reader.state === "active", resumeMs);
      assert.equal(states, ["active", "degraded", "active"]);
      await scene.store.ensureStream(scene.stream, callOptions);
      await scene.put("again");
      await untilCount(deliveries, 3);
      assert.is(deliveries[2]!.sequence, 1);
    });

    test("a stream is made again by who replays it, with onReset", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind);
      const { reader, messages, states, resets } = scene.replay();
      await reader.ready;
      await scene.putMany(2);
      await untilCount(messages, 2);
      await kind.deleteStream(scene.stream.name, scene.connection);
      await until(() => states.length >= 3 && reader.state === "active", resumeMs);
      assert.equal(states, ["active", "degraded", "active"]);
      await scene.put("again");
      await untilCount(messages, 3, resumeMs);
      assert.is(messages[2]!.sequence, 1);
      assert.equal(resets, [2]);
    });

    test("a consumer is made again where it stood, and nothing is lost", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind);
      const { reader, deliveries, states } = scene.consume({
        from: "new",
        window: 2,
        onDelivery: (delivery) => {
          if (delivery.sequence !== 3 || states.includes("degraded")) acknowledgeAtOnce(delivery);
        },
      });
      await reader.ready;
      await scene.putMany(3);
      await untilCount(deliveries, 3);
      await Promise.all(deliveries.slice(0, 2).map((delivery) => delivery.acknowledge()));
      await kind.deleteConsumer(scene.stream.name, "worker", scene.connection);
      await scene.putMany(1, 4);
      await until(() => deliveries.some(({ sequence }) => sequence === 4), resumeMs);
      const again = sequencesOf(deliveries.slice(3));
      assert.ok(again.includes(3) && again.includes(4), `came again: ${again}`);
      assert.ok(states.includes("degraded") && reader.state === "active", states.join());
    });

    test(
      "a delivery of a consumer that was deleted has its place in the window until it is settled",
      { timeoutMs },
      async () => {
        await using scene = await StoreScene.open(kind);
        await scene.putMany(2);
        let isDeleted = false;
        const { reader, deliveries } = scene.consume({
          onDelivery: (delivery) => {
            if (isDeleted) acknowledgeAtOnce(delivery);
          },
        });
        await untilCount(deliveries, 1);
        await kind.deleteConsumer(scene.stream.name, "worker", scene.connection);
        isDeleted = true;
        await scene.connection.flush(1_000);
        assert.is(deliveries.length, 1);
        await deliveries[0]!.acknowledge();
        await until(() => deliveries.some(({ sequence }) => sequence === 2), resumeMs);
        await until(() => reader.state === "active");
      },
    );

    test("settling a delivery of what is gone settles by its deadline", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind);
      await scene.put("a");
      const { deliveries, reader } = scene.consume();
      await untilCount(deliveries, 1);
      await reader.stop();
      await kind.deleteStream(scene.stream.name, scene.connection);
      const [delivery] = deliveries;
      delivery!.keepAlive();
      for (const call of [delivery!.acknowledge(), delivery!.retryLater(10), delivery!.discard("gone")]) {
        await call.catch((error: unknown) => assert.ok(isMessagingError(error), String(error)));
      }
    });
  });

  describe(`${kind.name}: after close()`, (test) => {
    test("reading has ended, and everything rejects with DISCONNECTED", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind);
      await scene.putMany(4);
      const leaver = await scene.join();
      const consuming = scene.consume({ by: leaver, window: 3 });
      const replaying = scene.replay({ by: leaver });
      await untilCount(consuming.deliveries, 3);
      await untilCount(replaying.messages, 4);
      await leaver.connection.close();
      await until(() => consuming.reader.state === "ended" && replaying.reader.state === "ended");
      assert.equal([consuming.states.at(-1), replaying.states.at(-1)], ["ended", "ended"]);
      const [first, second, third] = consuming.deliveries;
      first!.keepAlive();
      const { store } = leaver;
      const { name } = scene.stream;
      const storing = { ...callOptions, stream: name, messageId: "late" };
      const calls = {
        acknowledge: () => first!.acknowledge(),
        "acknowledge again": () => first!.acknowledge(),
        retryLater: () => second!.retryLater(1),
        discard: () => third!.discard("late"),
        ensureStream: () => store.ensureStream(scene.stream, callOptions),
        store: () => store.store(scene.subject("late"), new Uint8Array(0), storing),
        read: () => store.read(name, { sequence: 1, subject: ">" }, callOptions),
        remove: () => store.remove(name, 1, callOptions),
        bounds: () => store.bounds(name, callOptions),
        consume: () => scene.consume({ by: leaver }).reader.ready,
        replay: () => scene.replay({ by: leaver }).reader.ready,
      };
      const startedAt = performance.now();
      const outcomes = await Promise.all(
        Object.entries(calls).map(async ([name, call]) => {
          const outcome: unknown = await call().then(() => "no error", (error: unknown) => error);
          return isMessagingError(outcome, "DISCONNECTED") ? [] : [`${name}: ${outcome}`];
        }),
      );
      assert.equal(outcomes.flat(), []);
      assert.ok(performance.now() - startedAt < callOptions.timeoutMs / 2, "what is known at once is told at once");
      await Promise.all([consuming.reader.stop(), replaying.reader.stop()]);
      await scene.putMany(1, 5);
      await scene.connection.flush(1_000);
      assert.equal([consuming.deliveries.length, replaying.messages.length], [3, 4]);
    });

    test(
      "before it began, `ready` rejects with DISCONNECTED, and `close()` waits for no callback",
      { timeoutMs },
      async () => {
        await using scene = await StoreScene.open(kind);
        await scene.putMany(2);
        const leaver = await scene.join();
        const stuck = scene.replay({ by: leaver, onMessage: () => new Promise(() => {}) });
        await untilCount(stuck.messages, 1);
        const starting = scene.consume({ by: leaver, consumer: "late" });
        const outcome = starting.reader.ready.then(() => undefined, (error: unknown) => error);
        await leaver.connection.close();
        const error = await outcome;
        assert.ok(error === undefined || isMessagingError(error, "DISCONNECTED"), String(error));
        await until(() => stuck.reader.state === "ended" && starting.reader.state === "ended");
      },
    );
  });

  describe(`${kind.name}: stop()`, (test) => {
    test("before it began, `ready` rejects with CANCELLED", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind);
      for (const read of [() => scene.consume({ consumer: "stopped" }), () => scene.replay()]) {
        const { reader } = read();
        await reader.stop();
        await expectRejection(reader.ready, { code: "CANCELLED" });
        assert.is(reader.state, "ended");
      }
    });
  });

  describe(`${kind.name}: abort signals`, (test) => {
    test("end a call before it begins: CANCELLED, and nothing has happened", { timeoutMs }, async () => {
      await using scene = await StoreScene.open(kind);
      await scene.put("a");
      const { store } = scene;
      const { name } = scene.stream;
      const signal = AbortSignal.abort("not wanted");
      const options = { ...callOptions, signal };
      const storing = { ...options, stream: name, messageId: "b" };
      const calls = [
        () => store.ensureStream({ name: `${name}_OTHER`, subjects: [`other.${scene.root}`] }, options),
        () => store.store(scene.subject("b"), new Uint8Array(0), storing),
        () => store.read(name, { sequence: 1, subject: ">" }, options),
        () => store.remove(name, 1, options),
        () => store.bounds(name, options),
      ];
      for (const call of calls) {
        const error = await expectRejection(call(), { code: "CANCELLED" });
        assert.is((error as { execution?: unknown }).execution, "not-executed");
      }
      assert.equal(await store.bounds(name, callOptions), { first: 1, last: 1 });
    });
  });
}
