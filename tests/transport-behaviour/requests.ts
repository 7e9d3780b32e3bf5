import * as assert from "uvu/assert";
import { isMessagingError, safe } from "../../mod.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { describe } from "../support/suite.ts";
import { createDeskServer, deskContract, openDesk, ownNamespace, until } from "./desk.ts";
import { clientAt } from "./participants.ts";
import type { TransportKind } from "./transport-kind.ts";

/** What every transport does with requests. */
export function requestBehaviour(kind: TransportKind): void {
  describe(`${kind.name}: request()`, (test) => {
    test("request() gives the output of the response schema, and the handler gets the output of the request schema", async () => {
      await using desk = await openDesk(kind);
      const order = await desk.client.request("order", { sku: "A1" });
      assert.is(order.id, "A1-1");
      assert.instance(order.placed, Date);
      assert.equal(desk.seen.get("order"), [{ sku: "A1", quantity: 1 }]);
    });

    test("request() carries every JSON value unchanged", async () => {
      await using desk = await openDesk(kind);
      const values = [
        null,
        true,
        0,
        -1.5,
        "",
        "häß 日本 🚀\u0000\r\n",
        [],
        {},
        { a: [{ b: null }] },
        "x".repeat(100_000),
      ];
      for (const value of values) assert.equal(await desk.client.request("echo", value), value);
    });

    test("request() without input sends an empty body, and an undefined answer comes back as undefined", async () => {
      await using desk = await openDesk(kind);
      assert.is(await desk.client.request("ping"), undefined);
    });

    test("request() answers 1,000 concurrent calls, each with its own answer", { timeoutMs: 40_000 }, async () => {
      // A browser sends them over HTTP/1.1 six at a time, at first with a question before each.
      await using desk = await openDesk(kind, {
        server: { concurrency: 1_000, queueLimit: 1_000 },
        client: { timeoutMs: 30_000 },
      });
      const numbers = Array.from({ length: 1_000 }, (_, index) => index);
      assert.equal(await Promise.all(numbers.map((number) => desk.client.request("echo", number))), numbers);
    });

    test("request() refuses invalid input on the caller's side, and the handler never runs", async () => {
      await using desk = await openDesk(kind);
      const error = await expectRejection(desk.client.request("order", { sku: "A1", quantity: 0 }), {
        code: "INVALID_REQUEST",
      });
      assert.ok(isMessagingError(error));
      assert.is(error.execution, "not-executed");
      assert.match(error.message, "quantity");
      assert.is(desk.seen.get("order"), undefined);
    });

    test("request() refuses what JSON cannot carry, at once", async () => {
      await using desk = await openDesk(kind);
      const circle: Record<string, unknown> = {};
      circle["self"] = circle;
      for (const value of [circle, 1n, Symbol("s"), () => 1]) {
        await expectRejection(desk.client.request("echo", value), { code: "INVALID_REQUEST" });
      }
    });

    test("request() rejects an unknown request name", async () => {
      await using desk = await openDesk(kind);
      // @ts-expect-error -- the name is not in the contract
      await expectRejection(desk.client.request("nothing", {}), {
        code: "INVALID_REQUEST",
        message: /no request "nothing"/,
      });
    });

    test("request() rejects with the contract's error, its data and its meaning", async () => {
      await using desk = await openDesk(kind);
      const result = await safe(desk.client.request("order", { sku: "none" }));
      assert.not.ok(result.ok);
      if (result.ok || result.error.code !== "OUT_OF_STOCK") throw new Error("OUT_OF_STOCK was expected");
      assert.equal(result.error.data, { sku: "none", left: 0 });
      assert.is(result.error.status, 409);
      assert.is(result.error.execution, "executed");
      assert.is(result.error.operation, "order");
    });

    test("request() shows whether a contract's error may pass", async () => {
      await using desk = await openDesk(kind);
      const error = await expectRejection(desk.client.request("order", { sku: "closed" }), { code: "CLOSED" });
      assert.ok(isMessagingError(error) && error.retryable);
      assert.is(error.status, 422);
    });

    test("request() tells nothing of an error that the contract does not name, but a correlation id", async () => {
      await using desk = await openDesk(kind);
      const error = await expectRejection(desk.client.request("order", { sku: "secret" }), { code: "INTERNAL" });
      assert.ok(isMessagingError(error));
      assert.not.match(JSON.stringify(error) + error.message, "hunter2");
      assert.type(error.correlationId, "string");
      assert.is(error.message, `The service failed; its logger has the reason under ${error.correlationId}`);
    });

    test("request() rejects with NO_RESPONDERS in one round trip when nobody serves it", async () => {
      const client = clientAt(kind, { contract: deskContract, namespace: ownNamespace() }, { timeoutMs: 60_000 });
      await using _ = client;
      await client.connect();
      const error = await expectRejection(client.request("ping"), { code: "NO_RESPONDERS" });
      assert.is(isMessagingError(error) && error.execution, "not-executed");
    });

    test("request() rejects with PAYLOAD_TOO_LARGE and both numbers, and the connection goes on", async () => {
      // A request that may be sent again has a header more.
      await using desk = await openDesk(kind, { client: { retry: { attempts: 1 } } });
      const error = await expectRejection(desk.client.request("echo", "x".repeat(2_000_000)), {
        code: "PAYLOAD_TOO_LARGE",
      });
      assert.ok(isMessagingError(error));
      assert.equal(error.data, { bytes: 2_000_002, maxBytes: 1_048_576 });
      assert.is(await desk.client.request("echo", "still here"), "still here");
    });

    test("request() before connect() and after disconnect() rejects with DISCONNECTED, not executed", async () => {
      const client = clientAt(kind, { contract: deskContract });
      const before = await expectRejection(client.request("ping"), { code: "DISCONNECTED", message: /connect\(\)/ });
      assert.is(isMessagingError(before) && before.execution, "not-executed");
      await client.connect();
      await client.disconnect();
      await expectRejection(client.request("ping"), { code: "DISCONNECTED" });
    });

    test("request() shares the work between instances of a queue group, and each request runs once", async () => {
      await using desk = await openDesk(kind);
      const other = createDeskServer(kind, desk.namespace);
      await other.server.start();
      try {
        await Promise.all(Array.from({ length: 200 }, (_, index) => desk.client.request("echo", index)));
        const first = desk.seen.get("echo")?.length ?? 0;
        const second = other.seen.get("echo")?.length ?? 0;
        assert.is(first + second, 200);
        assert.ok(first > 20 && second > 20, `${first} and ${second}`);
      } finally {
        await other.server.stop();
      }
    });

    test("request() carries headers to the handler and keeps the library's own names for itself", async () => {
      await using desk = await openDesk(kind);
      const seen: (string | undefined)[] = [];
      const { server } = createDeskServer(kind, `${desk.namespace}.h`, {
        middleware: [(call, next) => {
          seen.push(call.context.headers.get("x-tenant"));
          return next();
        }],
      });
      const client = clientAt(kind, { contract: deskContract, namespace: `${desk.namespace}.h` });
      await using _server = server;
      await using _client = client;
      await server.start();
      await client.connect();
      await client.request("ping", undefined, { headers: { "X-Tenant": "acme" } });
      assert.equal(seen, ["acme"]);
      for (const name of ["Nats-Msg-Id", "mb-request-id", "Authorization", "bad name", "x\r\ny"]) {
        await expectRejection(client.request("ping", undefined, { headers: { [name]: "v" } }), {
          code: "INVALID_REQUEST",
        });
      }
    });

    test("request() tells BUSY at once when too many wait, with a time to come back", async () => {
      await using desk = await openDesk(kind, { server: { concurrency: 1, queueLimit: 1 } });
      const slow = desk.client.request("wait", { ms: 200 });
      await until(() => desk.seen.get("wait")?.length === 1);
      const waiting = desk.client.request("wait", { ms: 1 });
      const results = await Promise.all([safe(waiting), safe(desk.client.request("ping")), safe(slow)]);
      const busy = results.filter((result) => !result.ok && result.error.code === "BUSY");
      assert.is(busy.length, 1);
      const [refused] = busy;
      assert.ok(refused !== undefined && !refused.ok && refused.error.retryAfterMs! > 0);
    });

    test("request() sends an idempotent request again that was told BUSY, and no other", async () => {
      await using desk = await openDesk(kind, {
        server: { concurrency: 1, queueLimit: 0 },
        client: { retry: { attempts: 10 } },
      });
      const slow = desk.client.request("wait", { ms: 150 });
      await until(() => desk.seen.get("wait")?.length === 1);
      await expectRejection(desk.client.request("ping"), { code: "BUSY" });
      assert.is(await desk.client.request("echo", "again"), "again");
      await slow;
    });
  });
}
