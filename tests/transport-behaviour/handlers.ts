import * as assert from "uvu/assert";
import { createMessagingServer, isMessagingError, type Middleware } from "../../mod.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { describe } from "../support/suite.ts";
import { deskContract, openDesk, ownNamespace } from "./desk.ts";
import { authenticateByRole, guardedContract } from "./guarded.ts";
import { clientAt, serverTransport, subjectAt } from "./participants.ts";
import type { TransportKind } from "./transport-kind.ts";

/** What every transport does around a handler: access, middleware, answers that do not fit. */
export function handlerBehaviour(kind: TransportKind): void {
  describe(`${kind.name}: handlers`, (test) => {
    test("start() refuses a contract with operations that are not public and no authenticate", async () => {
      const server = createMessagingServer({ contract: guardedContract, transport: serverTransport(kind) });
      await expectRejection(server.start({ partial: true }), { message: /no `authenticate`/ });
    });

    test("a handler runs only for a verified actor whose role may, and gets that actor", async () => {
      const namespace = ownNamespace();
      const place = { contract: guardedContract, namespace, authenticate: authenticateByRole };
      const server = createMessagingServer({ ...place, transport: serverTransport(kind) });
      for (const name of ["read", "write", "open"] as const) server.registerHandler(name, (_, { actor }) => actor.id);
      await using _ = server;
      await server.start();
      const as = async (token: string | undefined, name: "read" | "write" | "open"): Promise<string> => {
        const client = clientAt(kind, place, token === undefined ? {} : { token: () => token });
        await using _client = client;
        await client.connect();
        return await client.request(name).catch((error: unknown) =>
          isMessagingError(error) ? error.code : String(error)
        );
      };
      assert.is(await as("role:reader", "read"), "role:reader");
      assert.is(await as("role:writer", "read"), "role:writer");
      assert.is(await as("role:reader", "write"), "FORBIDDEN");
      assert.is(await as("role:nobody", "read"), "FORBIDDEN");
      assert.is(await as("forged", "read"), "UNAUTHENTICATED");
      assert.is(await as(undefined, "read"), "UNAUTHENTICATED");
      assert.is(await as(undefined, "open"), "anonymous");
    });

    test("a request of a caller without the contract is checked all the same, and answered with what is wrong", async () => {
      await using desk = await openDesk(kind);
      const caller = await kind.connect({ contract: deskContract, namespace: desk.namespace }).open();
      try {
        const subject = subjectAt(kind, desk.namespace, "desk.v2.request.order");
        const wrong = {
          '{"sku":"A1","quantity":0}': "INVALID_REQUEST",
          "{}": "INVALID_REQUEST",
          "{": "MALFORMED_MESSAGE",
        };
        for (const [body, code] of Object.entries(wrong)) {
          const options = { requestId: `raw${body.length}`, timeoutMs: 1_000, operation: "raw" };
          const answer = caller.request(subject, new TextEncoder().encode(body), options);
          if (kind.serve !== undefined) {
            // Whoever stands between them checks before the server does, and that is no answer of a service.
            await expectRejection(answer, { code });
            continue;
          }
          const reply = await answer;
          assert.match(new TextDecoder().decode(reply.headerBlock), `Mb-Error: ${code}\r\n`);
          assert.is(JSON.parse(new TextDecoder().decode(reply.body)).code, code);
        }
        assert.is(desk.seen.get("order"), undefined);
      } finally {
        await caller.close();
      }
    });

    test("a handler whose answer does not fit is told as INVALID_RESPONSE, executed, without what it was", async () => {
      const namespace = ownNamespace();
      const place = { contract: deskContract, namespace };
      const server = createMessagingServer({ ...place, transport: serverTransport(kind) });
      // @ts-expect-error -- the answer does not fit the contract
      server.registerHandler("order", () => ({ id: 5, secret: "hunter2" }));
      server.registerHandler("echo", () => "x".repeat(2_000_000));
      await using _server = server;
      await server.start({ partial: true });
      const client = clientAt(kind, place);
      await using _client = client;
      await client.connect();
      const calls = [client.request("order", { sku: "A" }), client.request("echo", 1)];
      await Promise.all(calls.map(async (call) => {
        const error = await expectRejection(call, { code: "INVALID_RESPONSE" });
        assert.ok(isMessagingError(error));
        assert.is(error.execution, "executed");
        assert.not.match(JSON.stringify(error), "hunter2");
      }));
    });

    test("an error whose data is too large for the connection is answered all the same", async () => {
      await using desk = await openDesk(kind);
      await expectRejection(desk.client.request("order", { sku: "huge" }), {
        code: "INVALID_RESPONSE",
        message: /too large/,
      });
    });

    test("an answer that looks like a stream's acknowledgement arrives all the same", async () => {
      await using desk = await openDesk(kind);
      assert.equal(await desk.client.request("echo", { stream: "S", seq: 1 }), { stream: "S", seq: 1 });
    });

    test("middleware wraps requests and events on both sides, the first outermost", async () => {
      const order: string[] = [];
      const note = (name: string): Middleware => async (call, next) => {
        order.push(`${name} ${call.kind} ${call.operation}`);
        return await next();
      };
      await using desk = await openDesk(kind, {
        client: { middleware: [note("client 1"), note("client 2")] },
        server: { middleware: [note("server")] },
      });
      await desk.client.request("echo", 1);
      assert.equal(order, ["client 1 request echo", "client 2 request echo", "server request echo"]);
    });

    test("middleware may change what is sent, answer itself, or refuse", async () => {
      await using desk = await openDesk(kind, {
        client: {
          middleware: [(call, next) => {
            if (call.data === "cached") return Promise.resolve("from the cache");
            if (call.operation === "echo") call.data = `${call.data}!`;
            return next();
          }],
        },
      });
      assert.is(await desk.client.request("echo", "a"), "a!");
      assert.is(await desk.client.request("echo", "cached"), "from the cache");
      assert.equal(desk.seen.get("echo"), ["a!"]);
    });
  });
}
