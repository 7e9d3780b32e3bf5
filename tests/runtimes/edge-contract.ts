import * as v from "valibot";
import { createContract, type StreamDefinition } from "../../mod.ts";

/** What the workers of the edge tests speak. Made where a worker makes it: at module top level, which does no I/O. */
// deno-lint-ignore explicit-module-boundary-types -- a test's contract shows inference as users have it
export const edgeContract = createContract({
  name: "edge",
  version: "1.0.0",
  requests: {
    /** Answered at once. */
    greet: { request: v.string(), response: v.string() },
    /** Answered when the test says so. */
    wait: { request: v.undefined(), response: v.string() },
  },
  events: { noticed: v.string() },
});

/** What the Durable Object of the edge tests consumes. */
export const edgeStream: StreamDefinition = { name: "EDGE", subjects: ["edge.stored"] };
