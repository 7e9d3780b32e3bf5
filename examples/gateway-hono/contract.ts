import { createContract } from "@magicbutton/messaging";
import * as v from "valibot";

// deno-lint-ignore explicit-module-boundary-types -- a contract shows inference as users have it
export const tickets = createContract({
  name: "tickets",
  version: "1.0.0",
  roles: { agent: {} },
  requests: {
    open: { request: v.object({ title: v.string() }), response: v.object({ id: v.number() }), access: ["agent"] },
  },
  events: { opened: { schema: v.object({ id: v.number() }), access: { subscribe: ["agent"] } } },
});
