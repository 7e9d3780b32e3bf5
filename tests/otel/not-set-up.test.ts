import assert from "node:assert/strict";
import { context, metrics, propagation, trace } from "@opentelemetry/api";
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

  test("registers nothing itself", async () => {
    await using _pair = await openPair();
    assert.equal(trace.getTracerProvider().getTracer("any").startSpan("any").isRecording(), false);
    assert.deepEqual(propagation.fields(), []);
    assert.equal(context.active(), context.with(context.active(), () => context.active()));
    assert.equal(metrics.getMeterProvider().constructor.name, "NoopMeterProvider");
  });
});
