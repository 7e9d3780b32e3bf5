import { createContract } from "@magicbutton/messaging";
import * as v from "valibot";

// deno-lint-ignore explicit-module-boundary-types -- a contract shows inference as users have it
export const reports = createContract({
  name: "reports",
  version: "1.0.0",
  requests: { build: { request: v.object({ month: v.string() }), response: v.object({ pages: v.number() }) } },
});
