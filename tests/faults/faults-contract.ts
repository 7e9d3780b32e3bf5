import * as v from "valibot";
import { createContract } from "../../mod.ts";

const details = v.object({
  tags: v.array(v.string()),
  count: v.pipe(v.number(), v.integer(), v.minValue(0)),
  kind: v.picklist(["one", "many"]),
  ratio: v.nullable(v.number()),
  marked: v.boolean(),
  id: v.union([v.string(), v.number()]),
});
const text = v.object({ text: v.string(), details: v.optional(details) });

const ticked = v.object({ number: v.number(), padding: v.optional(v.string()) });

/** The schemas of its messages. */
// deno-lint-ignore explicit-module-boundary-types -- a test's contract shows inference as users have it
export const faultsSchemas = { text, ticked };

/** What the experiments speak: the same work with and without leave to do it twice, and an event. */
// deno-lint-ignore explicit-module-boundary-types -- a test's contract shows inference as users have it
export const faultsContract = createContract({
  name: "faults",
  version: "1.0.0",
  requests: {
    ask: { request: text, response: text, idempotent: true },
    order: { request: text, response: text },
  },
  events: { ticked },
});

/** Its type. */
export type FaultsContract = typeof faultsContract;

/** The subject of each of its operations, for peers that know no contract. */
export const faultsSubjects = {
  ask: "faults.v1.request.ask",
  order: "faults.v1.request.order",
  ticked: "faults.v1.event.ticked",
} as const;
