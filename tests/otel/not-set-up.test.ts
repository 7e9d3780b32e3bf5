import assert from "node:assert/strict";
import { context, metrics, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CBaggagePropagator } from "@opentelemetry/core";
import { createTelemetry } from "../../src/otel/mod.ts";
import { describe } from "../support/suite.ts";
import { openPair } from "./open-pair.ts";
import { RegisteredTelemetry } from "./registered-telemetry.ts";

const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

describe("Telemetry without an SDK", (test) => {
  test("adds no header and leaves those of a parent", async () => {
    const arrived: string[][] = [];
    await using pair = await openPair({
      serve: (server) =>
        server.registerHandler("createOrder", ({ sku }, { headers }) => {
          arrived.push([...headers].map(([name, value]) => `${name}: ${value}`));
          return { id: sku };
        }),
    });
    await pair.client.request("createOrder", { sku: "1", region: "eu" });
    const parent = { deadline: Date.now() + 60_000, signal: new AbortController().signal, traceparent };
    await pair.client.request("createOrder", { sku: "1", region: "eu" }, { parent });
    assert.deepEqual(arrived, [[], [`traceparent: ${traceparent}`]]);
  });

  test("begins when an SDK is registered later, for spans and for metrics", async () => {
    await using pair = await openPair({
      serve: (server) => server.registerHandler("find", ({ id }) => ({ id })),
    });
    await pair.client.request("find", { id: "1" });
    await using telemetry = new RegisteredTelemetry();
    await pair.client.request("find", { id: "1" });
    await telemetry.named(2);
    assert.equal((await telemetry.collect()).size, 4);
  });

  test("carries a context along where there is only a propagator", async () => {
    await using pair = await openPair({
      serve: (server) =>
        server.registerHandler("find", () => {
          return { id: propagation.getActiveBaggage()?.getEntry("tenant")?.value ?? "none" };
        }),
    });
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    propagation.setGlobalPropagator(new W3CBaggagePropagator());
    try {
      const baggage = propagation.createBaggage({ tenant: { value: "acme" } });
      const inside = propagation.setBaggage(context.active(), baggage);
      assert.deepEqual(await context.with(inside, () => pair.client.request("find", { id: "1" })), { id: "acme" });
    } finally {
      context.disable();
      propagation.disable();
    }
  });

  test("does not touch a call", () => {
    const untouched = new Proxy({}, { get: (_, name) => assert.fail(`It read ${String(name)}`) });
    const done = Promise.resolve("done");
    assert.equal(createTelemetry()(untouched as never, () => done), done);
  });

  test("registers nothing itself", async () => {
    await using _pair = await openPair();
    assert.equal(trace.getTracerProvider().getTracer("any").startSpan("any").isRecording(), false);
    assert.deepEqual(propagation.fields(), []);
    assert.equal(context.active(), context.with(context.active(), () => context.active()));
    assert.equal(metrics.getMeterProvider().constructor.name, "NoopMeterProvider");
  });
});
