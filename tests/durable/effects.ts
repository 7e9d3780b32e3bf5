import * as assert from "uvu/assert";
import {
  createInbox,
  createKvInboxStore,
  createMemoryInboxStore,
  createMemoryOutboxStore,
  createOutbox,
  type StoredEventContext,
} from "../../mod.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { describe } from "../support/suite.ts";
import { until } from "../support/until.ts";
import type { DurableKind } from "./durable-kind.ts";
import { openScene, orders } from "./scene.ts";

let buckets = 0;

/** Inboxes and outboxes over a transport's streams. */
export function effects({ name, connect }: DurableKind): void {
  const stores = {
    "in memory": () => ({ store: createMemoryInboxStore(), close: () => Promise.resolve() }),
    "in a bucket": () => {
      const store = createKvInboxStore({ transport: connect(), bucket: `inbox-${buckets += 1}` });
      return { store, close: () => store.close() };
    },
  };

  describe(`${name}: an inbox`, (test) => {
    for (const [where, open] of Object.entries(stores)) {
      test(`${where} has an event handled once for each subscription, however often it comes`, async () => {
        await using scene = await openScene(connect);
        const { store, close } = open();
        const inbox = createInbox<never>({ store: store as never });
        const runs: string[] = [];
        const handle = inbox.handler((data: { id: string }, context) =>
          void runs.push(`${context.durable} ${data.id}`)
        );
        // What is in its store: a bucket has the key when the handler has ended.
        const contexts: [{ id: string }, StoredEventContext][] = [];
        for (const durable of ["billing", "shipping"]) {
          await scene.client.subscribe("orderPaid", { durable, from: "all" }, async (data, context) => {
            await handle(data, context);
            contexts.push([data, context]);
          }).ready;
        }
        await scene.server.broadcast("orderPaid", { id: "1" });
        await until("both", () => contexts.length === 2);
        for (const [data, context] of [...contexts]) await handle(data, { ...context, attempt: 2, redelivered: true });
        assert.equal(runs.sort(), ["billing 1", "shipping 1"]);
        await close();
      });

      test(`${where} has an event handled again whose handler failed`, async () => {
        await using scene = await openScene(connect);
        const { store, close } = open();
        const inbox = createInbox<never>({ store: store as never });
        const attempts: number[] = [];
        const options = { durable: "billing", from: "all", backoffMs: [1] } as const;
        await scene.client.subscribe(
          "orderPaid",
          options,
          inbox.handler((_data, { attempt }) => {
            attempts.push(attempt);
            if (attempt === 1) throw new TypeError("not yet");
          }),
        ).ready;
        await scene.server.broadcast("orderPaid", { id: "1" });
        await scene.server.broadcast("orderPaid", { id: "1" });
        await until("all", () => attempts.length === 3 || attempts.length === 4);
        assert.ok(attempts.includes(2));
        await close();
      });
    }
  });

  describe(`${name}: an outbox`, (test) => {
    test("publishes in order what kept transactions wrote, once, and nothing of others", async () => {
      await using scene = await openScene(connect);
      const store = createMemoryOutboxStore();
      let down = false;
      const errors: Error[] = [];
      const sent: string[] = [];
      const server = {
        broadcast: async (
          event: "orderPaid",
          data: { id: string },
          options: { readonly id: string },
        ): Promise<void> => {
          sent.push(options.id);
          await scene.server.broadcast(event, data, options);
          // It is stored, and the answer is lost.
          if (down) throw new Error("lost");
        },
      };
      const onError = (error: Error): void => void errors.push(error);
      await using outbox = createOutbox({ contract: orders, store, server, pollMs: 60_000, batchSize: 3, onError });
      const write = (...ids: string[]): Promise<void> =>
        store.transaction(async (transaction) => {
          for (const id of ids) await outbox.add(transaction, "orderPaid", { id });
          if (ids.includes("undone")) throw new RangeError("undone");
        });
      await write("1", "2", "3", "4");
      await expectRejection(write("5", "undone"), { message: /undone/ });
      outbox.start();
      await until("the first", () => store.size === 0);
      down = true;
      await write("6", "7");
      outbox.wake();
      await until("a failure", () => errors.length > 0);
      down = false;
      await until("the rest", () => store.size === 0);
      await outbox.stop();
      await write("8");
      outbox.wake();
      outbox.start();
      await until("the last", () => store.size === 0);

      const seen: string[] = [];
      await scene.client.subscribe("orderPaid", { from: "all" }, ({ id }) => void seen.push(id)).ready;
      await until("all", () => seen.includes("8"));
      assert.equal(seen, ["1", "2", "3", "4", "6", "7", "8"]);
      assert.ok(sent.length > new Set(sent).size, "one was sent again with its id");
    });

    test("refuses what could not be published, before the transaction is kept", async () => {
      const store = createMemoryOutboxStore();
      const outbox = createOutbox({ contract: orders, store, server: { broadcast: () => Promise.resolve() } });
      const add = (event: string, data: unknown, options = {}): Promise<void> =>
        store.transaction((transaction) =>
          outbox.add(transaction, event as "orderPaid", data as { id: string }, options)
        );
      for (const [event, data] of [["orderPaid", { id: 7 }], ["shopOpened", { at: 1 }], ["orderLost", {}]] as const) {
        await expectRejection(add(event, data), { code: "INVALID_EVENT" });
      }
      await expectRejection(add("orderPaid", { id: "7" }, { id: "a b" }), { code: "INVALID_EVENT" });
      assert.is(store.size, 0);
    });
  });
}
