import assert from "node:assert/strict";
import { createMessagingClient, createMessagingServer, MemoryTransport, safe } from "../../mod.ts";
import { createTelemetry } from "../../src/otel/mod.ts";
import { createPayloadEncryption } from "../../src/security/mod.ts";
import { withResolvers } from "../../src/transport/with-resolvers.ts";
import { describe } from "../support/suite.ts";
import { RegisteredTelemetry } from "./registered-telemetry.ts";
import { orders } from "./shop.ts";

const secrets = {
  payload: "payload-5e1f",
  token: "token-77aa",
  header: "header-31c9",
  key: "key-90d2",
  parameter: "region-c0de",
  thrown: "thrown-8b1e",
  name: "name-4d4d",
  actor: "actor-2b2b",
};

describe("Spans and metrics", (test) => {
  test("have nothing of payloads, tokens, headers, keys, subject parameters, actors or error texts", async () => {
    await using telemetry = new RegisteredTelemetry();
    const transport = new MemoryTransport();
    const encryption = createPayloadEncryption({
      keys: { now: btoa("k".repeat(32)) },
      current: "now",
      required: true,
    });
    const middleware = [createTelemetry()];
    const both = { contract: orders, transport, middleware, encryption };
    const authenticate = (): { id: string; roles: string[] } => ({ id: secrets.actor, roles: [] });
    await using server = createMessagingServer({ ...both, authenticate });
    server.registerHandler("createOrder", ({ sku }) => {
      if (sku === "broken") throw Object.assign(new Error(secrets.thrown), { name: secrets.name, code: secrets.name });
      return { id: secrets.payload };
    });
    server.registerHandler("find", (_, context) => {
      throw context.error("LATER", undefined, secrets.thrown);
    });
    await server.start();
    await using client = createMessagingClient({ ...both, token: secrets.token, retry: { attempts: 1 } });
    await client.connect();
    const handled = withResolvers<void>();
    await client.subscribe("orderMoved", () => handled.resolve()).ready;

    const more = { headers: { "X-Secret": secrets.header }, idempotencyKey: secrets.key };
    const order = { sku: secrets.payload, region: secrets.parameter };
    assert.deepEqual(await client.request("createOrder", order, more), { id: secrets.payload });
    await safe(client.request("createOrder", { ...order, sku: "broken" }));
    await safe(client.request("createOrder", { ...order, sku: { text: secrets.payload } } as never));
    await safe(client.request("find", { id: secrets.payload }));
    await server.broadcast("orderMoved", { id: secrets.payload, region: secrets.parameter });
    await safe(server.broadcast("orderMoved", { id: secrets.payload, region: 1 } as never));
    await handled.promise;
    await telemetry.named(10);

    const told = JSON.stringify([
      telemetry.spans.map(({ name, attributes, events, links, status, resource, instrumentationScope }) => {
        return { name, attributes, events, links, status, resource: resource.attributes, instrumentationScope };
      }),
      [...await telemetry.collect()],
    ]);
    assert.match(told, /orders\.v1\.event\.orderMoved\.\{region\}\.\{id\}/);
    for (const [what, secret] of Object.entries(secrets)) assert.ok(!told.includes(secret), `${what}: ${told}`);
  });
});
