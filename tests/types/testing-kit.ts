import * as v from "valibot";
import { createContract, type MessagingError } from "../../mod.ts";
import {
  createTestPair,
  generateEvents,
  generateRequests,
  generateResponses,
  type MessageHistory,
  type RequestOutcome,
  TestTransport,
} from "../../src/testing/mod.ts";
import type { Equal, Expect } from "./expect.ts";

const shop = createContract({
  name: "shop",
  version: "1.0.0",
  errors: { SOLD_OUT: { data: v.object({ sku: v.string() }) }, CLOSED: {} },
  requests: {
    buy: {
      request: v.object({ sku: v.string() }),
      response: v.object({ at: v.pipe(v.string(), v.transform((text) => new Date(text))) }),
      errors: ["SOLD_OUT"],
    },
    look: { request: v.object({}), response: v.object({ left: v.number() }) },
  },
  events: { bought: v.object({ sku: v.string() }), closed: v.object({ at: v.number() }) },
});

await using pair = await createTestPair(shop, {
  handlers: {
    buy: ({ sku }, context) => {
      if (sku === "") throw context.error("SOLD_OUT", { sku });
      return { at: "2026-11-24" };
    },
    // @ts-expect-error -- a handler answers what its contract says
    look: () => ({ left: "two" }),
  },
});

const request = await pair.requests.next("buy", { where: ({ data }) => data.sku === "A1" });
const event = await pair.events.next("bought");
const failed = pair.history.errors.last("buy");
const [entry] = pair.history.entries;

export type WhatTheHistoryTells = [
  Expect<Equal<typeof request.data, { sku: string }>>,
  Expect<Equal<typeof request.operation, "buy">>,
  // What travels is the schema's input.
  Expect<Equal<typeof request.outcome, RequestOutcome<{ at: string }>>>,
  Expect<Equal<typeof event.data, { sku: string }>>,
  Expect<Equal<NonNullable<typeof failed>["error"], MessagingError>>,
  Expect<Equal<NonNullable<typeof entry>["kind"], "request" | "answer" | "error" | "event">>,
  Expect<Equal<NonNullable<typeof entry>["operation"], "buy" | "look" | "bought" | "closed">>,
];

// @ts-expect-error -- an event that is not in the contract
void pair.events.next("sold");
// @ts-expect-error -- a request is no event
void pair.events.next("buy");

pair.faults.fail("buy", "SOLD_OUT", { data: { sku: "A1" } });
pair.faults.fail("look", "BUSY", { nth: 2, times: 3, retryAfterMs: 10 });
pair.faults.fail("bought", "DISCONNECTED");
// @ts-expect-error -- an error that the contract does not name for this request
pair.faults.fail("look", "SOLD_OUT");
// @ts-expect-error -- data of another shape
pair.faults.fail("buy", "SOLD_OUT", { data: { id: "A1" } });
// @ts-expect-error -- a request that is not in the contract
pair.faults.delay("sell", 10);

const { valid, invalid } = await generateRequests(shop, "buy", { examples: [{ sku: "A1" }] });
const answers = await generateResponses(shop, "buy");
const told = await generateEvents(shop, "closed");
// @ts-expect-error -- an example of another shape
void generateRequests(shop, "buy", { examples: [{ id: "A1" }] });

export type WhatIsGenerated = [
  Expect<Equal<typeof valid, readonly { sku: string }[]>>,
  Expect<Equal<(typeof invalid)[number]["value"], unknown>>,
  Expect<Equal<typeof answers.valid, readonly { at: string }[]>>,
  Expect<Equal<typeof told.valid, readonly { at: number }[]>>,
];

const transport = new TestTransport({ contract: shop });
export const history: MessageHistory<typeof shop> = transport.history;
