import * as v from "valibot";
import { createContract } from "../../../mod.ts";

/** What the experiments with stored events tell. */
// deno-lint-ignore explicit-module-boundary-types -- a contract shows inference as users have it
export const parcels = createContract({
  name: "parcels",
  version: "1.0.0",
  events: { moved: { schema: v.object({ id: v.number(), key: v.string() }), durable: true } },
});

/** The same, on three servers of a cluster. */
// deno-lint-ignore explicit-module-boundary-types -- a contract shows inference as users have it
export const replicatedParcels = createContract({
  name: "parcels",
  version: "1.0.0",
  events: {
    moved: { schema: v.object({ id: v.number(), key: v.string() }), durable: { replicas: 3 } },
  },
});
