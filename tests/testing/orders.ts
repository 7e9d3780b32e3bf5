import * as v from "valibot";
import { createContract } from "../../mod.ts";

/** An order desk with everything that a contract may have. */
export const orders = createContract({
  name: "orders",
  version: "1.2.0",
  roles: { clerk: {}, manager: { inherits: ["clerk"] }, guest: {} },
  errors: {
    OUT_OF_STOCK: { status: 409, message: "Not enough stock", data: v.object({ sku: v.string() }) },
    CLOSED: { status: 423, message: "The desk is closed", retryable: true },
  },
  requests: {
    placeOrder: {
      request: v.object({
        sku: v.pipe(v.string(), v.regex(/^[A-Z]\d{1,3}$/)),
        quantity: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)),
        note: v.optional(v.pipe(v.string(), v.maxLength(40))),
      }),
      response: v.object({ id: v.string(), total: v.number() }),
      errors: ["OUT_OF_STOCK", "CLOSED"],
      access: ["clerk"],
    },
    cancelOrder: {
      request: v.object({ id: v.string() }),
      response: v.object({ cancelled: v.boolean() }),
      access: ["manager"],
    },
    readPrice: {
      request: v.object({ sku: v.string() }),
      response: v.object({ price: v.number() }),
      access: "public",
      idempotent: true,
    },
  },
  events: {
    orderPlaced: { schema: v.object({ id: v.string(), region: v.string() }), access: { subscribe: "public" } },
    orderMoved: {
      schema: v.object({ id: v.string(), region: v.string() }),
      subject: "{region}.{id}",
      access: { subscribe: "public" },
    },
  },
});
