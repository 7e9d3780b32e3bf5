import { createContract } from "@magicbutton/messaging";
import * as v from "valibot";

// deno-lint-ignore explicit-module-boundary-types -- a contract shows inference as users have it
export const clock = createContract({
  name: "clock",
  version: "1.0.0",
  requests: { now: { request: v.object({ zone: v.string() }), response: v.object({ time: v.string() }) } },
  events: { ticked: v.object({ at: v.number() }) },
});
