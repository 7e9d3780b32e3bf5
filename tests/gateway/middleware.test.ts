import assert from "node:assert/strict";
import { createMessagingServer, MemoryTransport, MessagingError } from "../../mod.ts";
import { createGateway, type GatewayCallContext, type GatewayOptions } from "../../src/gateway/mod.ts";
import type { OperationCall } from "../../src/contract/operation-call.ts";
import { describe } from "../support/suite.ts";
import { orders } from "../otel/shop.ts";

const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const body = JSON.stringify({ sku: "A1", region: "eu" });

/** A gateway before a service that answers with the headers it got. */
async function openGateway(options: Partial<GatewayOptions>) {
  const transport = new MemoryTransport();
  const server = createMessagingServer({ contract: orders, transport });
  server.registerHandler("createOrder", (_, { headers }) => ({ id: JSON.stringify([...headers]) }));
  await server.start({ partial: true });
  const gateway = createGateway({ contracts: [orders], transport, ...options });
  const post = async (
    headers: Record<string, string> = {},
  ): Promise<{ status: number; headers: Map<string, string> }> => {
    const init = { method: "POST", body, headers: { "Content-Type": "application/json", ...headers } };
    const response = await gateway.fetch(new Request("http://gateway/orders/v1/createOrder", init));
    const answer = await response.json();
    return { status: response.status, headers: new Map(response.ok ? JSON.parse(answer.id) : []) };
  };
  const end = async (): Promise<void> => {
    await gateway.stop();
    await server.stop();
  };
  return { gateway, server, post, [Symbol.asyncDispose]: end };
}

describe("A gateway's middleware", (test) => {
  test("sees each request that is forwarded, and sets headers of it", async () => {
    const calls: OperationCall<GatewayCallContext>[] = [];
    await using shop = await openGateway({
      middleware: [async (call, next) => {
        calls.push(call);
        call.context.setHeader("X-Edge", "1");
        const result = await next();
        assert.ok(result instanceof Uint8Array);
        return "something else";
      }],
    });
    const { status, headers } = await shop.post();
    assert.deepEqual([status, headers.get("X-Edge")], [200, "1"]);
    const [call] = calls;
    assert.equal(call?.action, "send");
    assert.equal(call.destination, "orders.v1.request.createOrder");
    assert.deepEqual(call.data, JSON.parse(body));
    assert.equal(call.context.parent, undefined);
  });

  test("refuses with an error, and a request that it does not pass on fails", async () => {
    await using refusing = await openGateway({
      middleware: [() => Promise.reject(new MessagingError("FORBIDDEN", "not now"))],
    });
    assert.equal((await refusing.post()).status, 403);
    await using silent = await openGateway({ middleware: [() => Promise.resolve()] });
    assert.equal((await silent.post()).status, 500);
  });

  test("leaves the trace to the gateway where it sets none", async () => {
    await using shop = await openGateway({ middleware: [(_, next) => next()] });
    const { headers } = await shop.post({ traceparent });
    assert.match(headers.get("traceparent")!, /^00-[\da-f]{32}-[\da-f]{16}-01$/);
    assert.notEqual(headers.get("traceparent"), traceparent);
  });
});

describe("A gateway that shares traces", (test) => {
  test("passes on the caller's, with its state", async () => {
    await using shop = await openGateway({ shareTraces: true });
    const { headers } = await shop.post({ traceparent, tracestate: "vendor=1" });
    assert.deepEqual([headers.get("traceparent"), headers.get("tracestate")], [traceparent, "vendor=1"]);
  });

  test("tells its middleware of it as the parent", async () => {
    const parents: unknown[] = [];
    await using shop = await openGateway({
      shareTraces: true,
      middleware: [(call, next) => {
        parents.push(call.context.parent);
        return next();
      }],
    });
    const { headers } = await shop.post({ traceparent });
    assert.equal(headers.get("traceparent"), traceparent);
    await shop.post();
    assert.deepEqual(parents, [{ traceparent }, undefined]);
  });

  test("starts anew where the caller has none that is sound", async () => {
    await using shop = await openGateway({ shareTraces: true });
    for (const unsound of ["00-x", `${traceparent}-more`, traceparent.toUpperCase(), "ä"]) {
      const { headers } = await shop.post({ traceparent: unsound, tracestate: "vendor=1" });
      assert.match(headers.get("traceparent")!, /^00-[\da-f]{32}-[\da-f]{16}-01$/);
      assert.equal(headers.get("tracestate"), undefined);
    }
    const { headers } = await shop.post({ traceparent, tracestate: "ä".repeat(10) });
    assert.deepEqual([headers.get("traceparent"), headers.get("tracestate")], [traceparent, undefined]);
  });

  for (const shareTraces of [true, false]) {
    test(`${shareTraces ? "lets" : "and one that does not: lets no"} events carry theirs`, async () => {
      await using shop = await openGateway({ shareTraces });
      const response = await shop.gateway.fetch(new Request("http://gateway/orders/v1/events?name=noted"));
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      await reader.read();
      await shop.server.broadcast("noted", { text: "1" }, { headers: { traceparent, "X-Tenant": "acme" } });
      const { value: frame } = await reader.read();
      await reader.cancel();
      assert.match(frame!, /header: X-Tenant: acme/);
      assert.equal(frame!.includes(traceparent), shareTraces);
    });
  }
});
