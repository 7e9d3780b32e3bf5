import * as v from "valibot";
import { createContract } from "@magicbutton/messaging";

/** What the examples' gateway lets in. */
// deno-lint-ignore explicit-module-boundary-types -- a contract shows inference as users have it
export const orders = createContract({
  name: "orders",
  version: "1.0.0",
  requests: {
    createOrder: {
      request: v.object({ sku: v.string(), quantity: v.pipe(v.number(), v.integer(), v.minValue(1)) }),
      response: v.object({ id: v.string(), total: v.number() }),
    },
  },
  events: {
    orderMoved: { schema: v.object({ id: v.string(), region: v.string() }), subject: "{region}.{id}" },
  },
});
