import * as v from "valibot";
import { createContract } from "../../../mod.ts";

/** The contract that the live page shows: requests for everyone and for roles, errors, events with parameters. */
// deno-lint-ignore explicit-module-boundary-types -- a test's contract shows inference as users have it
export const desk = createContract({
  name: "orders",
  version: "1.4.0",
  roles: { clerk: {}, manager: { inherits: ["clerk"] } },
  errors: {
    OUT_OF_STOCK: { status: 409, message: "Not enough stock", data: v.object({ sku: v.string(), left: v.number() }) },
    CLOSED: { status: 423, message: "The desk is closed", retryable: true },
  },
  requests: {
    createOrder: {
      request: v.object({
        sku: v.pipe(v.string(), v.minLength(2), v.description("What is ordered")),
        quantity: v.pipe(v.number(), v.integer(), v.minValue(1)),
        note: v.optional(v.string()),
      }),
      response: v.object({ id: v.string(), total: v.number(), placed: v.string() }),
      errors: ["OUT_OF_STOCK", "CLOSED"],
      access: ["clerk"],
      timeoutMs: 4_000,
      description: "Places an order. What is ordered is taken from the stock at once.",
    },
    findOrder: {
      request: v.object({ id: v.string() }),
      response: v.object({ id: v.string(), state: v.picklist(["open", "sent", "paid"]) }),
      access: "public",
      idempotent: true,
      description: "Tells how far an order is.",
    },
    cancelOrder: {
      request: v.object({ id: v.string(), reason: v.picklist(["mistake", "regret"]) }),
      response: v.undefined(),
      access: ["manager"],
      description: "Takes an order back.",
    },
    ping: { request: v.undefined(), response: v.undefined(), access: "public" },
  },
  events: {
    orderCreated: {
      schema: v.object({ id: v.string(), region: v.string(), total: v.number() }),
      access: { subscribe: ["clerk"] },
      description: "An order was placed.",
    },
    orderMoved: {
      schema: v.object({ id: v.string(), region: v.string(), state: v.string() }),
      subject: "{region}.{id}",
      access: { subscribe: ["clerk"] },
      description: "An order is on its way.",
    },
  },
});

/** Its type. */
export type Desk = typeof desk;
