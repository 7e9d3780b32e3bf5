import * as assert from "uvu/assert";
import type { StoredErrorListener } from "../../mod.ts";
import { createPayloadEncryption } from "../../src/security/mod.ts";
import { describe } from "../support/suite.ts";
import { until } from "../support/until.ts";
import type { DurableKind } from "./durable-kind.ts";
import { openScene } from "./scene.ts";

const key = btoa(String.fromCharCode(...new Uint8Array(32).fill(7)));

/** Reading stored events without a name. */
export function replaying({ name, connect, publishRaw }: DurableKind): void {
  describe(`${name}: a replay`, (test) => {
    test("gives the stored events in order from where it is asked to, one after another", async () => {
      await using scene = await openScene(connect);
      for (const id of ["1", "2", "3", "4"]) await scene.server.broadcast("orderPaid", { id });
      const read = async (from: "all" | "new" | number | Date, live: string): Promise<string> => {
        const seen: string[] = [];
        let running = false;
        const subscription = scene.client.subscribe("orderPaid", { from }, async ({ id }, context) => {
          assert.equal([running, context.attempt, context.redelivered], [false, 1, false]);
          running = true;
          await Promise.resolve();
          running = false;
          seen.push(`${context.sequence}:${id}`);
        });
        await subscription.ready;
        await scene.server.broadcast("orderPaid", { id: live });
        await until("the live one", () => seen.some((text) => text.endsWith(live)));
        await subscription.unsubscribe();
        return seen.join(" ");
      };
      assert.is(await read("all", "a"), "1:1 2:2 3:3 4:4 5:a");
      assert.is(await read(4, "b"), "4:4 5:a 6:b");
      assert.is(await read("new", "c"), "7:c");
      assert.is(await read(new Date(0), "d"), "1:1 2:2 3:3 4:4 5:a 6:b 7:c 8:d");
    });

    test("tells of what cannot be handled and goes on", async () => {
      const encryption = createPayloadEncryption({ keys: { k: key }, current: "k", required: false });
      await using scene = await openScene(connect, { encryption });
      await publishRaw(`${scene.namespace}.orders.v1.event.orderPaid`, '{"id":12}');
      await scene.server.broadcast("orderPaid", { id: "throws" });
      await scene.server.broadcast("orderPaid", { id: "fine" });
      const errors: string[] = [];
      const seen: string[] = [];
      const onError: StoredErrorListener = (error, failure) => {
        const { sequence, durable, deadLetter } = failure!;
        errors.push(`${(error as { code?: string }).code ?? error.name} ${sequence} ${durable} ${deadLetter}`);
      };
      await scene.client.subscribe("orderPaid", { from: "all", onError }, ({ id }) => {
        if (id === "throws") throw new RangeError("no");
        seen.push(id);
      }).ready;
      await until("the last", () => seen.length > 0);
      assert.equal([errors, seen], [["INVALID_EVENT 1 undefined false", "RangeError 2 undefined false"], ["fine"]]);
    });

    test("refuses options that only a name gives a meaning", async () => {
      await using scene = await openScene(connect);
      for (const option of [{ maxAttempts: 3 }, { concurrency: 2 }, { orderedBy: "id" }, { queueGroup: "a" }]) {
        const options = { from: "all", ...option } as object;
        const subscription = scene.client.subscribe("orderPaid", options, () => {});
        const error = await subscription.ready.then(() => undefined, (thrown: Error) => thrown);
        assert.instance(error, TypeError, JSON.stringify(option));
      }
      for (const from of ["some", -1, 1.5, new Date(Number.NaN)]) {
        const subscription = scene.client.subscribe("orderPaid", { from: from as number }, () => {});
        const error = await subscription.ready.then(() => undefined, (thrown: Error) => thrown);
        assert.instance(error, TypeError, String(from));
      }
    });
  });
}
