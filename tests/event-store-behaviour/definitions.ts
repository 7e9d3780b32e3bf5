import * as assert from "uvu/assert";
import type { StreamDefinition } from "../../mod.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { describe } from "../support/suite.ts";
import type { EventStoreKind } from "./event-store-kind.ts";
import { acknowledgeAtOnce, callOptions, StoreScene, untilCount } from "./store-scene.ts";

/** Making streams and comparing them. */
export function definitionBehaviour(kind: EventStoreKind): void {
  describe(`${kind.name}: ensureStream()`, (test) => {
    const limits = { maxAgeMs: 60_000, maxMessages: 100, maxBytes: 100_000, duplicateWindowMs: 30_000 };

    test("takes a stream that is there as it is wanted, however often and whoever asks", async () => {
      await using scene = await StoreScene.open(kind, limits);
      const { store } = await scene.join();
      await Promise.all([
        store.ensureStream(scene.stream, callOptions),
        scene.store.ensureStream(scene.stream, callOptions),
      ]);
      await scene.put("a");
      await store.ensureStream(scene.stream, callOptions);
      assert.is((await store.bounds(scene.stream.name, callOptions)).last, 1);
    });

    test("takes the order of subjects for nothing, and defaults for what is left out", async () => {
      await using scene = await StoreScene.open(kind);
      const { name } = scene.stream;
      await kind.deleteStream(name, scene.connection);
      const [one, other] = [scene.subject("a"), scene.subject("b.*")];
      await scene.store.ensureStream({ name, subjects: [one, other] }, callOptions);
      await scene.store.ensureStream(
        { name, subjects: [other, one], replicas: 1, duplicateWindowMs: 120_000 },
        callOptions,
      );
    });

    const changes: readonly [keyof StreamDefinition, (scene: StoreScene) => Partial<StreamDefinition>, RegExp][] = [
      ["subjects", (scene) => ({ subjects: [scene.subject("other")] }), /other/],
      ["maxAgeMs", () => ({ maxAgeMs: 61_000 }), /61000.*60000/],
      ["maxMessages", () => ({ maxMessages: 101 }), /101.*100/],
      ["maxBytes", () => ({ maxBytes: undefined }), /none.*100000/],
      ["replicas", () => ({ replicas: 3 }), /3.*1/],
      ["duplicateWindowMs", () => ({ duplicateWindowMs: 31_000 }), /31000.*30000/],
    ];
    for (const [name, change, values] of changes) {
      test(`refuses a stream with other ${name}, says both, and changes nothing`, async () => {
        await using scene = await StoreScene.open(kind, limits);
        const wanted = { ...scene.stream, ...change(scene) };
        const error = await expectRejection(scene.store.ensureStream(wanted, callOptions), {
          code: "UNSUPPORTED",
          message: values,
        });
        assert.match(String(error), new RegExp(`${name}: `));
        assert.match(String(error), scene.stream.name);
        await scene.store.ensureStream(scene.stream, callOptions);
      });
    }

    test("says every difference at once", async () => {
      await using scene = await StoreScene.open(kind, limits);
      const wanted = { ...scene.stream, maxAgeMs: 61_000, maxMessages: 7 };
      await expectRejection(scene.store.ensureStream(wanted, callOptions), {
        code: "UNSUPPORTED",
        message: /maxAgeMs: .*maxMessages: /,
      });
    });

    test("readers take a stream with other limits as it is, and change nothing", async () => {
      await using scene = await StoreScene.open(kind, limits);
      await scene.put("a");
      const stream = { ...scene.stream, maxAgeMs: 61_000, maxMessages: undefined, replicas: 3 };
      const consuming = scene.consume({ stream, onDelivery: acknowledgeAtOnce });
      const replaying = scene.replay({ stream });
      await Promise.all([consuming.reader.ready, replaying.reader.ready]);
      await untilCount(consuming.deliveries, 1);
      await untilCount(replaying.messages, 1);
      await scene.store.ensureStream(scene.stream, callOptions);
    });

    test("readers make a stream that is gone as they define it", async () => {
      for (const read of ["consume", "replay"] as const) {
        await using scene = await StoreScene.open(kind);
        await kind.deleteStream(scene.stream.name, scene.connection);
        const stream = { ...scene.stream, ...limits };
        await scene[read]({ stream }).reader.ready;
        await scene.store.ensureStream(stream, callOptions);
      }
    });

    test("refuses a stream whose subjects another one stores already, and names that one", async () => {
      await using scene = await StoreScene.open(kind);
      const wanted = { name: `${scene.stream.name}_TOO`, subjects: [scene.subject("a.*")] };
      await expectRejection(scene.store.ensureStream(wanted, callOptions), {
        code: "UNSUPPORTED",
        message: new RegExp(`"${scene.stream.name}"`),
      });
    });
  });
}
