import * as v from "valibot";
import * as z from "zod";
import {
  answering,
  asking,
  type ContractVersions,
  entitling,
  failing,
  sending,
  taking,
  telling,
  version,
} from "./contract-versions.ts";

const text = v.object({ text: v.string() });
const staff = { clerk: {}, auditor: {}, manager: { inherits: ["clerk"] } };
const place = { request: text, response: text };
const moved = { schema: v.object({ id: v.string(), region: v.string() }) };

interface Tree {
  readonly name: string;
  readonly children: readonly Tree[];
}
const tree: v.GenericSchema<Tree> = v.object({ name: v.string(), children: v.array(v.lazy(() => tree)) });
const noteTree: v.GenericSchema<Tree> = v.object({
  name: v.string(),
  note: v.optional(v.string()),
  children: v.array(v.lazy(() => noteTree)),
});

/** Changes that nobody who holds to the previous version is let down by. */
export const compatibleChanges: Readonly<Record<string, ContractVersions>> = {
  // The contract.
  "another minor version": { previous: version({}), next: version({ version: "1.1.0" }), code: "VERSION_CHANGED" },
  "a new request": {
    previous: version({ requests: { place } }),
    next: version({ requests: { place, find: place } }),
    code: "REQUEST_ADDED",
  },
  "a new event": { previous: version({}), next: version({ events: { moved } }), code: "EVENT_ADDED" },

  // What a request takes.
  "a new field that may be left out": {
    ...taking(v.object({ a: v.string() }), v.object({ a: v.string(), b: v.optional(v.string()) })),
    code: "REQUEST_WIDENED",
  },
  "a new field with a default": {
    ...taking(v.object({ a: v.string() }), v.object({ a: v.string(), b: v.optional(v.string(), "x") })),
    code: "REQUEST_WIDENED",
  },
  "a field that may be left out now": {
    ...taking(v.object({ a: v.string() }), v.object({ a: v.optional(v.string()) })),
    code: "REQUEST_WIDENED",
  },
  "a field that nobody looks at any more": {
    ...taking(v.object({ a: v.string(), b: v.string() }), v.object({ a: v.string() })),
    code: "REQUEST_WIDENED",
  },
  "a whole number that may be any number": {
    ...taking(v.pipe(v.number(), v.integer()), v.number()),
    code: "REQUEST_WIDENED",
  },
  "a lower lower bound": {
    ...taking(v.pipe(v.number(), v.minValue(2)), v.pipe(v.number(), v.minValue(1))),
    code: "REQUEST_WIDENED",
  },
  "a bound that is written otherwise": {
    ...taking(v.pipe(v.number(), v.integer(), v.gtValue(0)), v.pipe(v.number(), v.integer(), v.minValue(1))),
    code: "REQUEST_WIDENED",
  },
  "longer texts": {
    ...taking(v.pipe(v.string(), v.maxLength(10)), v.pipe(v.string(), v.maxLength(20))),
    code: "REQUEST_WIDENED",
  },
  "a list that may be empty": {
    ...taking(v.pipe(v.array(v.string()), v.minLength(1)), v.array(v.string())),
    code: "REQUEST_WIDENED",
  },
  "more choices": {
    ...taking(v.object({ size: v.picklist(["s", "m"]) }), v.object({ size: v.picklist(["m", "s", "l"]) })),
    code: "REQUEST_WIDENED",
  },
  "any text where there were choices": {
    ...taking(v.picklist(["s", "m"]), v.string()),
    code: "REQUEST_WIDENED",
  },
  "null is taken": {
    ...taking(v.object({ a: v.string() }), v.object({ a: v.nullable(v.string()) })),
    code: "REQUEST_WIDENED",
  },
  "one form more": { ...taking(v.string(), v.union([v.number(), v.string()])), code: "REQUEST_WIDENED" },
  "one variant more": {
    ...taking(
      v.variant("by", [v.object({ by: v.literal("cash") })]),
      v.variant("by", [v.object({ by: v.literal("card"), number: v.string() }), v.object({ by: v.literal("cash") })]),
    ),
    code: "REQUEST_WIDENED",
  },
  "variants where there was a choice": {
    ...taking(
      v.object({ by: v.picklist(["card", "cash"]), note: v.optional(v.string()) }),
      v.variant("by", [
        v.object({ by: v.literal("card"), note: v.optional(v.string()), number: v.optional(v.string()) }),
        v.object({ by: v.literal("cash"), note: v.optional(v.string()) }),
      ]),
    ),
    code: "REQUEST_WIDENED",
  },
  "a strict object has a new optional field": {
    ...taking(v.strictObject({ a: v.string() }), v.strictObject({ a: v.string(), b: v.optional(v.string()) })),
    code: "REQUEST_WIDENED",
  },
  "fields that are not named are let pass": {
    ...taking(v.strictObject({ a: v.string() }), v.object({ a: v.string() })),
    code: "REQUEST_WIDENED",
  },
  "a pattern less": { ...taking(v.pipe(v.string(), v.regex(/^[A-Z]+$/)), v.string()), code: "REQUEST_WIDENED" },
  "a format less": { ...taking(v.pipe(v.string(), v.email()), v.string()), code: "REQUEST_WIDENED" },
  "a check of its own less": {
    ...taking(v.pipe(v.string(), v.check((value) => value !== "none")), v.string()),
    code: "REQUEST_WIDENED",
  },
  "more beside a check of its own": {
    ...taking(
      v.object({ a: v.pipe(v.string(), v.check(() => true)), b: v.pipe(v.number(), v.minValue(1)) }),
      v.object({ a: v.pipe(v.string(), v.check(() => true)), b: v.number() }),
    ),
    code: "NOT_COMPARED",
  },
  "a schema that stands in itself has a new optional field": { ...taking(tree, noteTree), code: "REQUEST_WIDENED" },
  "a body that may be left out": { ...taking(text, v.optional(text)), code: "REQUEST_WIDENED" },
  "a schema of Zod that takes more": {
    ...taking(z.object({ a: z.string().max(8) }), z.object({ a: z.string().max(9) })),
    code: "REQUEST_WIDENED",
  },
  "Zod where Valibot was": {
    ...taking(
      v.object({ a: v.string(), b: v.pipe(v.number(), v.minValue(1)) }),
      z.object({ a: z.string(), b: z.number().min(0).optional() }),
    ),
    code: "REQUEST_WIDENED",
  },
  "an intersection as one object": {
    ...taking(
      v.intersect([v.object({ a: v.string() }), v.object({ b: v.string() })]),
      v.object({ a: v.string(), b: v.string() }),
    ),
    code: "REQUEST_WIDENED",
  },

  // What a request is answered with.
  "one more field in an answer": {
    ...answering(v.object({ a: v.string() }), v.object({ a: v.string(), b: v.string() })),
    code: "RESPONSE_NARROWED",
  },
  "an answer's field that is always there": {
    ...answering(v.object({ a: v.optional(v.string()) }), v.object({ a: v.string() })),
    code: "RESPONSE_NARROWED",
  },
  "fewer choices in an answer": {
    ...answering(v.picklist(["open", "paid", "lost"]), v.picklist(["open", "paid"])),
    code: "RESPONSE_NARROWED",
  },
  "an answer that is a whole number": {
    ...answering(v.number(), v.pipe(v.number(), v.integer())),
    code: "RESPONSE_NARROWED",
  },
  "an answer that is never null": {
    ...answering(v.nullable(v.string()), v.string()),
    code: "RESPONSE_NARROWED",
  },

  // How a request behaves.
  "an error less": { ...asking({ errors: ["FULL"] }, {}), code: "ERROR_REMOVED" },
  "idempotent now": { ...asking({}, { idempotent: true }), code: "IDEMPOTENT_ADDED" },
  "a longer deadline": { ...asking({}, { timeoutMs: 6_000 }), code: "TIMEOUT_LENGTHENED" },
  "open to everyone": {
    ...asking({ access: ["clerk"] }, { access: "public" }, { roles: staff }),
    code: "ACCESS_WIDENED",
  },
  "one role more": {
    ...asking({ access: ["clerk"] }, { access: ["clerk", "auditor"] }, { roles: staff }),
    code: "ACCESS_WIDENED",
  },
  "a new role": { ...entitling({ clerk: {} }, { clerk: {}, guest: {} }), code: "ROLE_ADDED" },
  "a role that inherits more": {
    ...entitling({ clerk: {}, manager: {} }, { clerk: {}, manager: { inherits: ["clerk"] } }),
    code: "ROLE_EXTENDED",
  },

  // Errors.
  "an error of another message": {
    ...failing({ message: "Full" }, { message: "No room" }),
    code: "ERROR_MESSAGE_CHANGED",
  },
  "one more field in an error's data": {
    ...failing({ data: v.object({ left: v.number() }) }, { data: v.object({ left: v.number(), of: v.number() }) }),
    code: "ERROR_DATA_NARROWED",
  },

  // Events.
  "one more field in an event": {
    ...telling(v.object({ id: v.string() }), v.object({ id: v.string(), at: v.number() })),
    code: "EVENT_NARROWED",
  },
  "fewer choices in an event": {
    ...telling(v.picklist(["eu", "us"]), v.literal("eu")),
    code: "EVENT_NARROWED",
  },
  "an event that is stored now": { ...sending({}, { durable: true }), code: "DURABLE_ADDED" },
  "events that are kept for longer": {
    ...sending({ durable: { maxAgeMs: 30_000 } }, { durable: { maxAgeMs: 60_000 } }),
    code: "RETENTION_CHANGED",
  },
  "a limit that stored events did not have": {
    ...sending({ durable: true }, { durable: { replicas: 3 } }),
    code: "STREAM_LIMITS_CHANGED",
  },
  "a limit that stored events have no longer": {
    ...sending({ durable: { maxMessages: 1_000 } }, { durable: true }),
    code: "STREAM_LIMITS_CHANGED",
  },
  "a stored event that may have one more field": {
    ...sending(
      { durable: true, schema: v.object({ id: v.string() }) },
      { durable: true, schema: v.object({ id: v.string(), by: v.optional(v.string()) }) },
    ),
    code: "EVENT_NARROWED",
  },
  "an event that more may hear": {
    previous: version({ roles: staff, events: { moved: { ...moved, access: { subscribe: ["auditor"] } } } }),
    next: version({ roles: staff, events: { moved: { ...moved, access: { subscribe: ["clerk", "auditor"] } } } }),
    code: "ACCESS_WIDENED",
  },
};
