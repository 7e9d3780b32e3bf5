import * as assert from "uvu/assert";
import { createContract, createMessagingClient, createMessagingServer, type Middleware } from "../../mod.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { describe } from "../support/suite.ts";
import { until } from "../support/until.ts";
import type { DurableKind } from "./durable-kind.ts";
import { openScene, orders } from "./scene.ts";
import * as v from "valibot";

/** How subscriptions stand, and what wraps events. */
export function states({ name, connect, deleteStream }: DurableKind): void {
  describe(`${name}: a stored subscription`, (test) => {
    test("tells its status, and goes on over a stream that was deleted, of which the log hears", async () => {
      await using scene = await openScene(connect);
      const seen: string[] = [];
      const heard: string[] = [];
      const subscription = scene.client.subscribe(
        "orderPaid",
        { durable: "billing", from: "all" },
        ({ id }) => void seen.push(id),
      );
      subscription.onStatus((status, error) => heard.push(error === undefined ? status : `${status} ${error.code}`));
      assert.is(subscription.status, "starting");
      await subscription.ready;
      await scene.server.broadcast("orderPaid", { id: "1" });
      await until("the first", () => seen.length === 1);
      await deleteStream(scene.stream, scene.connection);
      const stored = await scene.server.broadcast("orderPaid", { id: "2" });
      assert.equal(stored, { stream: scene.stream, sequence: 1, duplicate: false });
      await until("the second", () => seen.length === 2, 9_000);
      await subscription.unsubscribe();
      assert.is(subscription.status, "ended");
      assert.match(heard.join(), /^active,degraded [A-Z_]+,active,ended$/);
      const levels = scene.lines.map(({ level, text }) => `${level}: ${text}`);
      assert.equal(levels, [
        "warn: A stored subscription cannot read",
        "info: A stored subscription reads again",
      ]);
    });

    test("ends with its client, and another begins where it left off", async () => {
      await using scene = await openScene(connect);
      const subscription = scene.client.subscribe("orderPaid", { durable: "billing" }, () => {});
      await subscription.ready;
      await scene.client.disconnect();
      assert.is(subscription.status, "ended");
      await scene.client.connect();
      const seen: string[] = [];
      await scene.client.subscribe("orderPaid", { durable: "billing" }, ({ id }) => void seen.push(id)).ready;
      await scene.server.broadcast("orderPaid", { id: "1" });
      await until("the event", () => seen.length === 1);
    });

    test("may be made before its client connects", async () => {
      await using scene = await openScene(connect);
      const transport = connect();
      const client = createMessagingClient({ contract: orders, transport, namespace: scene.namespace });
      const seen: string[] = [];
      const subscription = client.subscribe(
        "orderPaid",
        { durable: "early", from: "all" },
        ({ id }) => void seen.push(id),
      );
      await client.connect();
      await subscription.ready;
      await scene.server.broadcast("orderPaid", { id: "1" });
      await until("the event", () => seen.length === 1);
      await client.disconnect();
    });

    test("is refused at `ready` by a transport without streams", async () => {
      const transport = connect();
      const without = {
        kind: "plain",
        status: transport.status,
        onStatus: transport.onStatus.bind(transport),
        open: async () => {
          const connection = await transport.open();
          return new Proxy(connection, {
            get: (target, property: keyof typeof connection) => {
              const value = property === "eventStore" ? undefined : target[property];
              return typeof value === "function" ? (value as () => unknown).bind(target) : value;
            },
          });
        },
      };
      const client = createMessagingClient({ contract: orders, transport: without });
      await client.connect();
      const subscription = client.subscribe("orderPaid", { durable: "billing" }, () => {});
      await expectRejection(subscription.ready, { code: "UNSUPPORTED" });
      await until("the end", () => subscription.status === "ended");
      const server = createMessagingServer({ contract: orders, transport: without });
      await expectRejection(server.start(), { code: "UNSUPPORTED" });
      await client.disconnect();
    });

    test("has its handler and its broadcast wrapped by middleware", async () => {
      const calls: string[] = [];
      const wrap = (side: string): Middleware => async (call, next) => {
        calls.push(`${side} ${call.kind} ${call.operation}`);
        if (side === "server") call.data = { id: `${(call.data as { id: string }).id}!` };
        return await next();
      };
      const options = { clientMiddleware: [wrap("client")], serverMiddleware: [wrap("server")] };
      await using scene = await openScene(connect, options);
      const seen: string[] = [];
      await scene.client.subscribe("orderPaid", { durable: "billing", from: "all" }, ({ id }) => void seen.push(id))
        .ready;
      const { sequence } = await scene.server.broadcast("orderPaid", { id: "1" });
      await until("the event", () => seen.length > 0);
      assert.equal([sequence, seen], [1, ["1!"]]);
      assert.equal(calls, ["server event orderPaid", "client event orderPaid"]);
    });

    test("is of a server's contract: one whose stream has other limits does not start", async () => {
      await using scene = await openScene(connect);
      const other = createContract({
        name: "orders",
        version: "1.1.0",
        events: { orderPaid: { schema: v.object({ id: v.string() }), durable: { maxMessages: 5 } } },
      });
      const server = createMessagingServer({ contract: other, transport: connect(), namespace: scene.namespace });
      await expectRejection(server.start(), { code: "UNSUPPORTED", message: /maxMessages.*5/ });
    });
  });

  describe(`${name}: a middleware`, (test) => {
    test("that keeps a durable event has its broadcast reject", async () => {
      await using scene = await openScene(connect, { serverMiddleware: [() => Promise.resolve()] });
      await expectRejection(scene.server.broadcast("orderPaid", { id: "1" }), { code: "INTERNAL" });
      await scene.server.broadcast("shopOpened", { at: 1 });
    });
  });
}
