import * as v from "valibot";
import { createContract } from "../../mod.ts";

/** The contract of the API's own example, which the other type tests look at. */
export const orders = createContract({
  name: "orders",
  version: "1.4.0",
  roles: {
    clerk: {},
    manager: { inherits: ["clerk"] },
  },
  errors: {
    OUT_OF_STOCK: {
      status: 409,
      message: "Not enough stock",
      retryable: false,
      data: v.object({ sku: v.string() }),
    },
    SHOP_CLOSED: {},
    NEVER_NAMED: { data: v.number() },
  },
  requests: {
    createOrder: {
      request: v.object({ sku: v.string(), quantity: v.pipe(v.number(), v.integer(), v.minValue(1)) }),
      response: v.object({ id: v.string(), total: v.number() }),
      errors: ["OUT_OF_STOCK", "SHOP_CLOSED"],
      access: ["clerk"],
      idempotent: false,
      timeoutMs: 5_000,
      description: "Places an order",
    },
    countOrders: { request: v.object({}), response: v.number(), access: "public" },
  },
  events: {
    orderCreated: {
      schema: v.object({ id: v.string(), region: v.string() }),
      access: { subscribe: ["clerk"] },
    },
    orderMoved: {
      schema: v.object({ id: v.string(), region: v.string() }),
      subject: "{region}.{id}",
      access: { subscribe: ["clerk"] },
      durable: true,
    },
    orderKept: {
      schema: v.object({ id: v.string() }),
      access: { subscribe: "public" },
      durable: { maxAgeMs: 60_000, maxMessages: 10, maxBytes: 1_000, replicas: 1 },
    },
  },
});

export type Orders = typeof orders;
