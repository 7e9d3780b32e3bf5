// What the desk's page and its service share.
import { createContract } from "@magicbutton/messaging";
import * as v from "valibot";

const order = v.object({ id: v.string(), sku: v.string(), quantity: v.number(), region: v.string() });

export const orders = createContract({
  name: "orders",
  version: "1.0.0",
  errors: {
    OUT_OF_STOCK: { status: 409, message: "Not enough stock", data: v.object({ sku: v.string(), left: v.number() }) },
  },
  requests: {
    placeOrder: {
      description: "Places an order",
      request: v.object({
        sku: v.pipe(v.string(), v.nonEmpty("An article is wanted")),
        quantity: v.pipe(v.number(), v.integer(), v.minValue(1, "At least one is wanted")),
        region: v.picklist(["eu", "us"]),
      }),
      response: order,
      errors: ["OUT_OF_STOCK"],
    },
  },
  events: { orderPlaced: { description: "An order was placed", schema: order, subject: "{region}" } },
});
