// What the README has at hand after its first program, whose contract has an error here.
import * as v from "valibot";
import { createContract, type MessagingClient } from "@magicbutton/messaging";

const ordersContract = createContract({
  name: "orders",
  version: "1.0.0",
  errors: { OUT_OF_STOCK: { data: v.object({ left: v.number() }) } },
  requests: {
    create: {
      request: v.object({ sku: v.string() }),
      response: v.object({ id: v.string() }),
      errors: ["OUT_OF_STOCK"],
    },
  },
});

declare global {
  const client: MessagingClient<typeof ordersContract>;
}
