import * as v from "valibot";
import * as assert from "uvu/assert";
import { createContract, createMessagingClient, MemoryTransport } from "../../mod.ts";
import { describe } from "../support/suite.ts";

const contract = createContract({
  name: "desk",
  version: "1.0.0",
  events: { moved: { schema: v.object({ region: v.string() }), subject: "{region}" } },
});

describe("The arguments of subscribe()", (test) => {
  const client = createMessagingClient({ contract, transport: new MemoryTransport() });
  // As a program without types calls it.
  const subscribe = client.subscribe as (...given: unknown[]) => unknown;
  const hear = (): void => {};
  const refusals: Record<string, unknown[]> = {
    "options after the handler": ["moved", hear, { params: { region: "eu" } }],
    "no handler": ["moved", { params: { region: "eu" } }],
    "a handler in place of the options": ["moved", hear, hear],
    "nothing": ["moved"],
  };
  for (const [name, given] of Object.entries(refusals)) {
    test(`are refused with the reason: ${name}`, () => {
      assert.throws(
        () => subscribe(...given),
        (error: unknown) =>
          error instanceof TypeError && /a handler is wanted as the last argument$/.test(error.message),
      );
    });
  }

  test("may leave the options out, or give none", async () => {
    const subscriptions = [client.subscribe("moved", hear), client.subscribe("moved", {}, hear)];
    for (const subscription of subscriptions) await subscription.unsubscribe();
  });
});
