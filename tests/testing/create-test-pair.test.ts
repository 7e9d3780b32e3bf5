import * as assert from "uvu/assert";
import * as v from "valibot";
import { createContract, isMessagingError, MemoryBroker, MemoryTransport, type Middleware } from "../../mod.ts";
import { createPayloadEncryption } from "../../src/security/mod.ts";
import { createTestAuthenticator, createTestPair, FakeClock } from "../../src/testing/mod.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { describe } from "../support/suite.ts";
import { orders } from "./orders.ts";

const echo = createContract({
  name: "echo",
  version: "1.0.0",
  requests: { say: { request: v.object({ text: v.string() }), response: v.object({ text: v.string() }) } },
  events: { said: v.object({ text: v.string() }) },
});

const encryption = createPayloadEncryption({ keys: { k: btoa("0".repeat(32)) }, current: "k", required: true });

describe("createTestPair()", (test) => {
  test("gives a connected client and a started server, and stops both", async () => {
    const broker = new MemoryBroker();
    const transport = new MemoryTransport({ broker });
    const pair = await createTestPair(echo, { transport, handlers: { say: ({ text }) => ({ text }) } });
    assert.is(pair.client.status, "connected");
    assert.is(pair.server.status, "connected");
    assert.equal(await pair.client.request("say", { text: "a" }), { text: "a" });
    await pair[Symbol.asyncDispose]();
    assert.is(pair.client.status, "closed");
    assert.is(pair.server.status, "closed");
    assert.is(transport.status, "closed");
    await pair[Symbol.asyncDispose]();
  });

  test("leaves requests without a handler to nobody", async () => {
    await using pair = await createTestPair(echo);
    await expectRejection(pair.client.request("say", { text: "a" }), { code: "NO_RESPONDERS" });
  });

  test("takes a function that registers handlers, as a service has it", async () => {
    await using pair = await createTestPair(echo, {
      handlers: (server) =>
        server.registerHandler("say", async ({ text }) => {
          await server.broadcast("said", { text });
          return { text };
        }),
    });
    await pair.client.request("say", { text: "b" });
    assert.equal((await pair.events.next("said")).data, { text: "b" });
  });

  test("knows callers by their roles, and refuses the others", async () => {
    await using pair = await createTestPair(orders, {
      as: ["manager"],
      handlers: {
        placeOrder: (_, { actor }) => ({ id: actor.id, total: 1 }),
        cancelOrder: () => ({ cancelled: true }),
      },
    });
    const order = { sku: "A1", quantity: 1 };
    assert.equal(await pair.client.request("placeOrder", order), { id: "manager", total: 1 });
    assert.equal(await pair.client.request("cancelOrder", { id: "1" }), { cancelled: true });
    const ann = await pair.connectAs({ id: "ann", roles: ["clerk"] });
    assert.equal(await ann.request("placeOrder", order), { id: "ann", total: 1 });
    await expectRejection(ann.request("cancelOrder", { id: "1" }), { code: "FORBIDDEN" });
    const nobody = await pair.connectAs(undefined);
    await expectRejection(nobody.request("placeOrder", order), { code: "UNAUTHENTICATED" });
    await pair[Symbol.asyncDispose]();
    assert.is(ann.status, "closed");
  });

  test("works with encryption and middleware, and shows in clear what was sent", async () => {
    const seen: string[] = [];
    const note = (side: string): Middleware => (call, next) => {
      seen.push(`${side} ${call.kind} ${call.operation}`);
      return next();
    };
    await using pair = await createTestPair(echo, {
      encryption,
      client: { middleware: [note("client")] },
      server: { middleware: [note("server")] },
      handlers: { say: ({ text }) => ({ text: text.toUpperCase() }) },
    });
    assert.equal(await pair.client.request("say", { text: "secret" }), { text: "SECRET" });
    await pair.server.broadcast("said", { text: "told" });
    assert.equal(seen, ["client request say", "server request say", "server event said"]);
    assert.equal(pair.history.entries.map(({ kind, ...rest }) => [kind, "data" in rest ? rest.data : undefined]), [
      ["request", { text: "secret" }],
      ["answer", { text: "SECRET" }],
      ["event", { text: "told" }],
    ]);
    for (const { headers, kind } of pair.history.entries) assert.ok(headers.has("Mb-Encryption"), kind);
  });

  test("works under a namespace", async () => {
    await using pair = await createTestPair(echo, { namespace: "test.one", handlers: { say: (data) => data } });
    await pair.client.request("say", { text: "a" });
    assert.is(pair.requests.last("say")?.subject, "test.one.echo.v1.request.say");
  });

  test("stops a handler that hangs, also on a clock that stands still", async () => {
    for (const clock of [{}, { clock: new FakeClock() }]) {
      let aborted = false;
      const pair = await createTestPair(echo, {
        ...clock,
        handlers: {
          say: (_, { signal }) =>
            new Promise(() => {
              signal.addEventListener("abort", () => {
                aborted = true;
              });
            }),
        },
      });
      const asked = pair.client.request("say", { text: "a" });
      asked.catch(() => {});
      await pair.requests.next("say");
      await new Promise((resolve) => setTimeout(resolve, 0));
      await pair[Symbol.asyncDispose]();
      await expectRejection(asked, { code: "DISCONNECTED" });
      assert.ok(aborted);
    }
  });

  test("gives what went wrong when it cannot start", async () => {
    const transport = new MemoryTransport();
    const handlers = { shut: () => ({}) } as never;
    await expectRejection(createTestPair(echo, { transport, handlers }), { message: /has no request "shut"/ });
    assert.is(transport.status, "disconnected");
  });

  test("runs on a clock that stands still: a deadline comes when the test says so", async () => {
    const clock = new FakeClock();
    await using pair = await createTestPair(echo, { clock, handlers: { say: () => new Promise(() => {}) } });
    let outcome: unknown = "pending";
    pair.client.request("say", { text: "a" }, { timeoutMs: 30_000 }).catch((error: unknown) => {
      outcome = error;
    });
    await clock.advance(29_900);
    assert.is(outcome, "pending");
    await clock.advance(200);
    assert.ok(isMessagingError(outcome, "TIMEOUT"));
  });
});

describe("createTestAuthenticator()", (test) => {
  test("knows its own tokens and no others", async () => {
    const { authenticate, tokenFor } = createTestAuthenticator();
    const call = { operation: "a", subject: "a", requestId: "", body: new Uint8Array() };
    const token = tokenFor(["clerk", "guest"]);
    assert.equal(await authenticate({ token }, call), { id: "clerk+guest", roles: ["clerk", "guest"] });
    assert.is(tokenFor(["clerk", "guest"]), token);
    assert.not(tokenFor(["clerk"]) === token);
    assert.is(await authenticate({ token: createTestAuthenticator().tokenFor(["clerk"]) }, call), undefined);
    assert.is(await authenticate({ token: "clerk" }, call), undefined);
    assert.is(await authenticate({}, call), undefined);
    const ann = { id: "ann", roles: ["clerk"], claims: { tenant: "acme" } };
    assert.equal(await authenticate({ token: tokenFor(ann) }, call), ann);
  });
});
