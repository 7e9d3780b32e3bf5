import * as v from "valibot";
import { createContract } from "../../../mod.ts";

/** A contract whose events outlive the moment. */
export const stored = createContract({
  name: "stored",
  version: "1.0.0",
  events: { placed: { schema: v.object({ id: v.string() }), durable: true } },
});
