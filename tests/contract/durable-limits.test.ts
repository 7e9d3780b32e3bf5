import * as assert from "uvu/assert";
import * as v from "valibot";
import { createContract } from "../../mod.ts";
import type { DurableDefinition } from "../../mod.ts";
import { describe } from "../support/suite.ts";

const schema = v.object({ id: v.string() });

function contractOf(...limits: (boolean | DurableDefinition)[]): unknown {
  const events = limits.map((durable, index) => [`event${index}`, { schema, durable }] as const);
  return createContract({ name: "orders", version: "1.0.0", events: Object.fromEntries(events) });
}

describe("createContract()", (test) => {
  test("takes durable events of one set of limits, however many say them", () => {
    contractOf({ maxAgeMs: 1_000, maxMessages: 5 }, true, { maxMessages: 5, maxAgeMs: 1_000 }, false, {});
  });

  test("refuses durable events whose limits differ, naming both and the limit", () => {
    const differing = (): unknown => contractOf(true, { maxAgeMs: 1_000 }, { maxAgeMs: 2_000 });
    assert.throws(differing, /maxAgeMs of events "event1" and "event2" differ/);
    assert.throws(() => contractOf({ maxAgeMs: 1_000 }, { maxAgeMs: 1_000, replicas: 3 }), /replicas/);
  });

  test("refuses limits that are no whole numbers over 0", () => {
    for (const value of [0, -1, 1.5, Number.NaN, "5" as unknown as number]) {
      assert.throws(() => contractOf({ maxBytes: value }), /maxBytes of event "event0"/, String(value));
    }
  });
});
