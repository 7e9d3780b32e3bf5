import * as assert from "uvu/assert";
import { createMessagingServer, isMessagingError } from "../../mod.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { describe } from "../support/suite.ts";
import { createDeskServer, deskContract, openDesk, ownNamespace, until } from "./desk.ts";
import { clientAt, serverTransport } from "./participants.ts";
import type { TransportKind } from "./transport-kind.ts";

/** What every transport does with deadlines and cancelling. */
export function deadlineBehaviour(kind: TransportKind): void {
  describe(`${kind.name}: deadlines`, (test) => {
    test("request() rejects with TIMEOUT at its deadline, and the handler's signal aborts", async () => {
      await using desk = await openDesk(kind);
      const error = await expectRejection(desk.client.request("wait", { ms: 5_000 }, { timeoutMs: 50 }), {
        code: "TIMEOUT",
      });
      assert.is(isMessagingError(error) && error.execution, "unknown");
      await until(() => desk.seen.get("aborted")?.length === 1);
      assert.ok(isMessagingError(desk.seen.get("aborted")?.[0], "TIMEOUT"));
    });

    test("request() refuses a deadline that is none", async () => {
      await using desk = await openDesk(kind);
      for (const timeoutMs of [0, -1, Number.NaN, Infinity]) {
        await expectRejection(desk.client.request("ping", undefined, { timeoutMs }), { code: "INVALID_REQUEST" });
      }
    });

    test("request() that is aborted rejects with CANCELLED, and the handler's signal aborts", async () => {
      await using desk = await openDesk(kind);
      const abort = new AbortController();
      const call = desk.client.request("wait", { ms: 5_000 }, { signal: abort.signal });
      await until(() => desk.seen.get("wait")?.length === 1);
      abort.abort();
      await expectRejection(call, { code: "CANCELLED" });
      await until(() => desk.seen.get("aborted")?.length === 1);
      assert.ok(isMessagingError(desk.seen.get("aborted")?.[0], "CANCELLED"));
    });

    test("request() with a signal that has aborted sends nothing", async () => {
      await using desk = await openDesk(kind);
      const error = await expectRejection(desk.client.request("echo", 1, { signal: AbortSignal.abort() }), {
        code: "CANCELLED",
      });
      assert.is(isMessagingError(error) && error.execution, "not-executed");
      assert.is(await desk.client.request("echo", 2), 2);
      assert.equal(desk.seen.get("echo"), [2]);
    });

    test("request() with an idempotency key can be cancelled too, and the handler sees the key", async () => {
      await using desk = await openDesk(kind);
      const abort = new AbortController();
      const call = desk.client.request("wait", { ms: 5_000 }, { signal: abort.signal, idempotencyKey: "order/7:a" });
      await until(() => desk.seen.get("wait")?.length === 1);
      abort.abort();
      await expectRejection(call, { code: "CANCELLED" });
      await until(() => desk.seen.get("aborted")?.length === 1);
    });

    test("context.deadline is the caller's, and a nested request inherits it, its cancellation and its trace", async () => {
      const namespace = ownNamespace();
      const { server: desk, seen } = createDeskServer(kind, namespace);
      const place = { contract: deskContract, namespace };
      const outerPlace = { contract: deskContract, namespace: `${namespace}.o` };
      const nested = clientAt(kind, place);
      const outer = createMessagingServer({ ...outerPlace, transport: serverTransport(kind) });
      let remainingMs = 0;
      outer.registerHandler("wait", async (request, context) => {
        remainingMs = context.deadline - Date.now();
        return await nested.request("wait", request, { parent: context });
      });
      const client = clientAt(kind, outerPlace);
      await using _desk = desk;
      await using _outer = outer;
      await using _nested = nested;
      await using _client = client;
      await Promise.all([desk.start(), outer.start({ partial: true }), nested.connect(), client.connect()]);
      await expectRejection(client.request("wait", { ms: 5_000 }, { timeoutMs: 300 }), { code: "TIMEOUT" });
      assert.ok(remainingMs > 100 && remainingMs <= 300, `${remainingMs} ms`);
      await until(() => seen.get("aborted")?.length === 1);
    });

    test("start() and connect() that are cancelled reject with CANCELLED and can be called again", async () => {
      const client = clientAt(kind, { contract: deskContract });
      await expectRejection(client.connect({ signal: AbortSignal.abort() }), { code: "CANCELLED" });
      await client.connect();
      assert.is(client.status, "connected");
      await client.disconnect();
    });
  });
}
