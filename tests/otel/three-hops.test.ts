import assert from "node:assert/strict";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { createMessagingClient, createMessagingServer, HttpTransport, NatsTransport } from "../../mod.ts";
import { createGateway, type Gateway, type GatewayOptions } from "../../src/gateway/mod.ts";
import { createTelemetry } from "../../src/otel/mod.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { withResolvers } from "../../src/transport/with-resolvers.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { exposeOverNode } from "../transport-behaviour/node-gateways.ts";
import { countOf, pointsOf, RegisteredTelemetry } from "./registered-telemetry.ts";
import { createOrder, orders, reserve, reserved, stock } from "./shop.ts";

const template = `${reserved}.{region}.{id}`;

/** A page's client, a gateway, a service that asks another, and a listener to what that one tells. */
async function openShop(gatewayOptions: Partial<GatewayOptions> = {}) {
  const broker = await startNatsServer();
  const opened: AsyncDisposable[] = [];
  const transport = (): NatsTransport => new NatsTransport({ servers: broker.url });

  const second = createMessagingServer({ contract: stock, transport: transport(), middleware: [createTelemetry()] });
  second.registerHandler("reserve", async ({ sku, region }) => {
    await second.broadcast("reserved", { id: sku, region });
    return { id: sku };
  });
  opened.push(second);
  await second.start();

  const nested = createMessagingClient({ contract: stock, transport: transport(), middleware: [createTelemetry()] });
  opened.push(nested);
  await nested.connect();
  const first = createMessagingServer({ contract: orders, transport: transport(), middleware: [createTelemetry()] });
  first.registerHandler("createOrder", (request, parent) => nested.request("reserve", request, { parent }));
  opened.push(first);
  await first.start({ partial: true });

  const listener = createMessagingClient({ contract: stock, transport: transport(), middleware: [createTelemetry()] });
  opened.push(listener);
  await listener.connect();
  const heard = withResolvers<string>();
  await listener.subscribe("reserved", { queueGroup: "billing" }, ({ id }) => heard.resolve(id)).ready;

  const gateway: Gateway = createGateway({
    contracts: [orders],
    transport: transport(),
    middleware: [createTelemetry()],
    shareTraces: true,
    ...gatewayOptions,
  });
  opened.push(gateway);
  await gateway.start();
  const { url } = (await exposeOverNode())(gateway.fetch);
  const page = createMessagingClient({
    contract: orders,
    transport: new HttpTransport({ url }),
    middleware: [createTelemetry({ attributes: { "server.address": "127.0.0.1" } })],
  });
  opened.push(page);
  await page.connect();
  const end = async (): Promise<void> => {
    for (const part of opened.reverse()) await part[Symbol.asyncDispose]();
    await broker.stop();
  };
  return { page, heard: heard.promise, [Symbol.asyncDispose]: end };
}

function byNameAndParent(spans: readonly ReadableSpan[]): string[] {
  const title = ({ kind, name, attributes }: ReadableSpan): string =>
    `${SpanKind[kind]} ${name}${attributes["server.address"] === undefined ? "" : " (page)"}`;
  const titles = new Map(spans.map((span) => [span.spanContext().spanId, title(span)]));
  return spans.map((span) => {
    const parent = span.parentSpanContext;
    return `${title(span)} < ${parent === undefined ? "-" : titles.get(parent.spanId)}`;
  }).sort();
}

describeWithNatsServer("Telemetry over three hops", {}, (test) => {
  test("is one trace with the right parents and kinds, from a page to an event's handler", async () => {
    await using telemetry = new RegisteredTelemetry();
    await using shop = await openShop();
    assert.deepEqual(await shop.page.request("createOrder", { sku: "A1", region: "eu" }), { id: "A1" });
    assert.equal(await shop.heard, "A1");
    await telemetry.named(7);

    assert.equal(new Set(telemetry.spans.map((span) => span.spanContext().traceId)).size, 1);
    assert.deepEqual(
      byNameAndParent(telemetry.spans),
      [
        `CONSUMER process ${createOrder} < PRODUCER send ${createOrder}`,
        `CONSUMER process ${reserve} < PRODUCER send ${reserve}`,
        `CONSUMER process ${template} < PRODUCER send ${template}`,
        `PRODUCER send ${createOrder} (page) < -`,
        `PRODUCER send ${createOrder} < PRODUCER send ${createOrder} (page)`,
        `PRODUCER send ${reserve} < CONSUMER process ${createOrder}`,
        `PRODUCER send ${template} < CONSUMER process ${reserve}`,
      ].sort(),
    );
    for (const span of telemetry.spans) {
      assert.equal(span.status.code, SpanStatusCode.UNSET, span.name);
      // A link to what made the message is asked for also where that is the parent.
      const links = span.links.map(({ context }) => context.spanId);
      assert.deepEqual(links, span.kind === SpanKind.CONSUMER ? [span.parentSpanContext?.spanId] : [], span.name);
    }
  });

  test("has the attributes of the conventions, and no others", async () => {
    await using telemetry = new RegisteredTelemetry();
    await using shop = await openShop();
    await shop.page.request("createOrder", { sku: "A1", region: "eu" });
    await shop.heard;
    const spans = await telemetry.named(7);
    const said = (action: string, name: string, rest: object = {}): object => ({
      "messaging.system": "nats",
      "messaging.operation.name": action,
      "messaging.operation.type": action,
      "messaging.destination.name": name,
      ...rest,
    });
    const templated = { "messaging.destination.template": template };
    const group = (name: string): object => ({ "messaging.consumer.group.name": name });
    assert.deepEqual(spans.get(`process ${createOrder}`)?.attributes, said("process", createOrder, group("orders")));
    assert.deepEqual(spans.get(`send ${reserve}`)?.attributes, said("send", reserve));
    assert.deepEqual(spans.get(`process ${reserve}`)?.attributes, said("process", reserve, group("stock")));
    assert.deepEqual(spans.get(`send ${template}`)?.attributes, said("send", reserved, templated));
    assert.deepEqual(
      spans.get(`process ${template}`)?.attributes,
      said("process", reserved, { ...templated, ...group("billing") }),
    );
    const [gateways, pages] = telemetry.spans.filter(({ name }) => name === `send ${createOrder}`);
    assert.deepEqual(gateways?.attributes, said("send", createOrder));
    assert.deepEqual(pages?.attributes, said("send", createOrder, { "server.address": "127.0.0.1" }));
    for (const { instrumentationScope, resource } of telemetry.spans) {
      assert.equal(instrumentationScope.name, "@magicbutton/messaging");
      assert.equal(instrumentationScope.schemaUrl, "https://opentelemetry.io/schemas/1.45.0");
      assert.ok(resource.attributes["service.name"] !== undefined);
    }
  });

  test("counts and times every message under its operation, whatever its parameters", async () => {
    await using telemetry = new RegisteredTelemetry();
    await using shop = await openShop();
    for (const region of ["eu", "us", "asia"]) await shop.page.request("createOrder", { sku: `A-${region}`, region });
    await telemetry.named(21);
    const metrics = await telemetry.collect();
    const units = [...metrics.values()].map(({ descriptor: { name, unit } }) => [name, unit]);
    assert.deepEqual(units.sort(), [
      ["messaging.client.consumed.messages", "{message}"],
      ["messaging.client.operation.duration", "s"],
      ["messaging.client.sent.messages", "{message}"],
      ["messaging.process.duration", "s"],
    ]);
    for (const name of ["messaging.client.sent.messages", "messaging.client.operation.duration"]) {
      const [point, ...others] = pointsOf(metrics.get(name), reserved);
      assert.deepEqual([others.length, countOf(point!)], [0, 3], name);
      assert.equal(point?.attributes["messaging.destination.template"], template);
      assert.equal(point?.attributes["messaging.operation.name"], "send");
    }
    for (const name of ["messaging.client.consumed.messages", "messaging.process.duration"]) {
      for (const destination of [createOrder, reserve, reserved]) {
        const points = pointsOf(metrics.get(name), destination);
        assert.deepEqual(points.map(countOf), [3], `${name} ${destination}`);
        assert.equal(points[0]?.attributes["messaging.operation.name"], "process");
      }
    }
    const boundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
    for (const name of ["messaging.client.operation.duration", "messaging.process.duration"]) {
      const [point] = pointsOf(metrics.get(name), reserve);
      const value = point?.value;
      assert.ok(typeof value === "object" && "buckets" in value);
      assert.deepEqual(value.buckets.boundaries, boundaries);
      // Both are to be the same: two clocks and a few microseconds lie between them.
      const action = point?.attributes["messaging.operation.name"];
      const spans = telemetry.spans.filter((span) => span.name === `${action} ${reserve}`);
      const seconds = spans.reduce((sum, { duration: [whole, nanos] }) => sum + whole + nanos / 1e9, 0);
      assert.ok(Math.abs(value.sum! - seconds) < 0.02, `${value.sum} s measured, ${seconds} s of spans`);
    }
  });

  test("starts anew at a gateway that does not share traces, and goes on from there", async () => {
    await using telemetry = new RegisteredTelemetry();
    await using shop = await openShop({ shareTraces: false });
    await shop.page.request("createOrder", { sku: "A1", region: "eu" });
    await shop.heard;
    await telemetry.named(7);
    const traces = telemetry.spans.map((span) => span.spanContext().traceId);
    const sizes = [...new Set(traces)].map((id) => traces.filter((other) => other === id).length);
    assert.deepEqual(sizes.sort(), [1, 6]);
    const roots = telemetry.spans.filter((span) => span.parentSpanContext === undefined);
    assert.deepEqual(roots.map(({ name }) => name), [`send ${createOrder}`, `send ${createOrder}`]);
  });
});
