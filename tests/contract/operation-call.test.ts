import assert from "node:assert/strict";
import * as v from "valibot";
import {
  type ClientCallContext,
  createContract,
  createMessagingClient,
  createMessagingServer,
  MemoryTransport,
  type Middleware,
  type OperationCall,
  type ServerCallContext,
} from "../../mod.ts";
import { withResolvers } from "../../src/transport/with-resolvers.ts";
import { describe } from "../support/suite.ts";

const contract = createContract({
  name: "desk",
  version: "3.0.0",
  errors: { LATER: { retryable: true } },
  requests: { ask: { request: v.string(), response: v.string(), errors: ["LATER"], idempotent: true } },
  events: {
    moved: { schema: v.object({ region: v.string(), id: v.number() }), subject: "{region}.place.{id}" },
    told: v.string(),
  },
});

type AnyCall = OperationCall<ClientCallContext | ServerCallContext>;

/** A middleware that notes what it sees. */
function noting(notes: object[]): Middleware<ClientCallContext | ServerCallContext> {
  return (call, next) => {
    const { kind, action, operation, destination, queueGroup } = call;
    notes.push({ kind, action, operation, destination, queueGroup, subject: call.context.subject });
    return next();
  };
}

async function openDesk(
  forClient: Middleware<ClientCallContext | ServerCallContext>,
  forServer = forClient,
  answer: (context: { error: (code: "LATER") => Error }) => string = () => "yes",
) {
  const transport = new MemoryTransport();
  const both = { contract, transport, namespace: "acme" };
  const server = createMessagingServer({ ...both, middleware: [forServer], queueGroup: "desks" });
  server.registerHandler("ask", (_, context) => answer(context));
  await server.start();
  const client = createMessagingClient({ ...both, middleware: [forClient] });
  await client.connect();
  const end = async (): Promise<void> => {
    await client.disconnect();
    await server.stop();
  };
  return { client, server, [Symbol.asyncDispose]: end };
}

describe("A middleware's call", (test) => {
  test("says what happens to a request's message on each side, and who shares it", async () => {
    const notes: object[] = [];
    await using desk = await openDesk(noting(notes));
    await desk.client.request("ask", "1");
    const subject = "acme.desk.v3.request.ask";
    const both = { kind: "request", operation: "ask", destination: subject, subject };
    assert.deepEqual(notes, [
      { ...both, action: "send", queueGroup: undefined },
      { ...both, action: "process", queueGroup: "desks" },
    ]);
  });

  test("says where an event goes without its parameters' values, and whether a handler or a reader gets it", async () => {
    const sent: object[] = [];
    const came: { action?: string }[] = [];
    await using desk = await openDesk(noting(came), noting(sent));
    const handled = withResolvers<void>();
    await desk.client.subscribe("moved", { queueGroup: "movers" }, () => handled.resolve()).ready;
    await using stream = desk.client.events("moved");
    await stream.ready;
    await desk.server.broadcast("moved", { region: "eu", id: 7 });
    await handled.promise;
    await stream.next();
    const event = "acme.desk.v3.event.moved";
    const both = { kind: "event", operation: "moved", destination: `${event}.{region}.place.{id}` };
    assert.deepEqual(sent, [{ ...both, action: "send", queueGroup: undefined, subject: event }]);
    const subject = `${event}.eu.place.7`;
    assert.deepEqual(came.sort((one, other) => one.action! < other.action! ? -1 : 1), [
      { ...both, action: "process", queueGroup: "movers", subject },
      { ...both, action: "receive", queueGroup: undefined, subject },
    ]);
  });

  test("sets headers of what is sent, and of nothing that came", async () => {
    const seen: [string, string | undefined, boolean][] = [];
    const setting = (call: AnyCall, next: () => Promise<unknown>): Promise<unknown> => {
      call.context.setHeader?.("X-Seen", call.operation);
      seen.push([call.action, call.context.headers.get("x-seen"), call.context.setHeader !== undefined]);
      return next();
    };
    await using desk = await openDesk(setting);
    const handled = withResolvers<void>();
    await desk.client.subscribe("told", () => handled.resolve()).ready;
    await desk.client.request("ask", "1");
    await desk.server.broadcast("told", "1", { headers: { "X-Seen": "before" } });
    await handled.promise;
    assert.deepEqual(seen, [
      ["send", "ask", true],
      ["process", "ask", false],
      ["send", "told", true],
      ["process", "told", false],
    ]);
  });

  test("says how often a request was sent, and which call it is made for", async () => {
    const attempts: (number | undefined)[] = [];
    const parents: unknown[] = [];
    const counting = async (call: AnyCall, next: () => Promise<unknown>): Promise<unknown> => {
      if (call.action !== "send") return await next();
      const context = call.context as ClientCallContext;
      attempts.push(context.attempts);
      parents.push(context.parent);
      const result = await next();
      attempts.push(context.attempts);
      return result;
    };
    let calls = 0;
    await using desk = await openDesk(counting, counting, (context) => {
      calls += 1;
      if (calls === 1) throw context.error("LATER");
      return "yes";
    });
    const parent = { deadline: Date.now() + 5_000, signal: new AbortController().signal };
    await desk.client.request("ask", "1", { parent });
    assert.deepEqual(attempts, [0, 2]);
    assert.deepEqual(parents, [parent]);
  });
});
