import { createContract } from "@magicbutton/messaging";
import * as v from "valibot";

// deno-lint-ignore explicit-module-boundary-types -- a contract shows inference as users have it
export const room = createContract({
  name: "room",
  version: "1.0.0",
  requests: { say: { request: v.object({ text: v.string() }), response: v.object({ heard: v.number() }) } },
  events: { said: v.object({ text: v.string() }) },
});
