import { createContract } from "@magicbutton/messaging";
import * as v from "valibot";

// deno-lint-ignore explicit-module-boundary-types -- a contract shows inference as users have it
export const prices = createContract({
  name: "prices",
  version: "1.0.0",
  requests: { quote: { request: v.object({ sku: v.string() }), response: v.object({ price: v.number() }) } },
});
