import { createContract } from "@magicbutton/messaging";
import * as v from "valibot";

// deno-lint-ignore explicit-module-boundary-types -- a contract shows inference as users have it
export const files = createContract({
  name: "files",
  version: "1.0.0",
  roles: { member: {} },
  requests: {
    list: {
      request: v.object({ tenant: v.string() }),
      response: v.object({ names: v.array(v.string()) }),
      access: ["member"],
    },
  },
  // The tenant is part of the subject: the broker keeps tenants apart, see broker-config.ts.
  events: {
    added: {
      schema: v.object({ tenant: v.string(), name: v.string() }),
      subject: "{tenant}",
      access: { subscribe: ["member"] },
    },
  },
});
