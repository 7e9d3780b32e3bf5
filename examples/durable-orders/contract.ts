import * as v from "valibot";
import { createContract } from "@magicbutton/messaging";

export const orders = createContract({
  name: "orders",
  version: "1.0.0",
  events: {
    orderPaid: { schema: v.object({ id: v.string(), customer: v.string(), amount: v.number() }), durable: true },
  },
});
