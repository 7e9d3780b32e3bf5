import * as v from "valibot";
import { createContract } from "../../mod.ts";

/** What browsers ask: places orders. */
export const orders = createContract({
  name: "orders",
  version: "1.0.0",
  errors: {
    OUT_OF_STOCK: { status: 409, data: v.object({ sku: v.string() }) },
    LATER: { status: 503, retryable: true },
  },
  requests: {
    createOrder: {
      request: v.object({ sku: v.string(), region: v.string() }),
      response: v.object({ id: v.string() }),
      errors: ["OUT_OF_STOCK"],
    },
    find: {
      request: v.object({ id: v.string() }),
      response: v.object({ id: v.string() }),
      errors: ["LATER"],
      idempotent: true,
    },
  },
  events: {
    orderMoved: { schema: v.object({ id: v.string(), region: v.string() }), subject: "{region}.{id}" },
    noted: v.object({ text: v.string() }),
  },
});

/** What the first service asks the second. */
export const stock = createContract({
  name: "stock",
  version: "2.1.0",
  requests: {
    reserve: { request: v.object({ sku: v.string(), region: v.string() }), response: v.object({ id: v.string() }) },
  },
  events: {
    reserved: { schema: v.object({ id: v.string(), region: v.string() }), subject: "{region}.{id}" },
  },
});

export const createOrder = "orders.v1.request.createOrder";
export const reserve = "stock.v2.request.reserve";
export const reserved = "stock.v2.event.reserved";
