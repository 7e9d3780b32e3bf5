import * as v from "valibot";
import { createContract } from "../../mod.ts";

const order = v.object({ id: v.string(), sku: v.string(), quantity: v.number() });

/** What the demo's service offers. */
export const orderContract = createContract({
  name: "orders",
  version: "1.0.0",
  errors: {
    OUT_OF_STOCK: { status: 409, message: "Not enough stock", data: v.object({ sku: v.string(), left: v.number() }) },
  },
  requests: {
    createOrder: {
      request: v.object({ sku: v.string(), quantity: v.pipe(v.number(), v.integer(), v.minValue(1)) }),
      response: order,
      errors: ["OUT_OF_STOCK"],
      description: "Places an order",
    },
    slowReport: { request: v.object({}), response: v.string(), description: "Takes a second" },
  },
  events: {
    orderPlaced: order,
    orderShipped: { schema: v.object({ id: v.string(), region: v.string() }), subject: "{region}.{id}" },
  },
});
