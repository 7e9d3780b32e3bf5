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
const smallTree: v.GenericSchema<Tree> = v.object({
  name: v.pipe(v.string(), v.maxLength(8)),
  children: v.array(v.lazy(() => smallTree)),
});

/** Changes that let down those who hold to the previous version. */
export const breakingChanges: Readonly<Record<string, ContractVersions>> = {
  // The contract.
  "another name": { previous: version({}), next: version({ name: "sales" }), code: "CONTRACT_RENAMED" },
  "another major version": {
    previous: version({}),
    next: version({ version: "2.0.0" }),
    code: "MAJOR_VERSION_CHANGED",
  },
  "a request that is gone": {
    previous: version({ requests: { place, find: place } }),
    next: version({ requests: { place } }),
    code: "REQUEST_REMOVED",
  },
  "a request of another name": {
    previous: version({ requests: { place } }),
    next: version({ requests: { placeOrder: place } }),
    code: "REQUEST_REMOVED",
  },
  "an event that is gone": {
    previous: version({ events: { moved } }),
    next: version({}),
    code: "EVENT_REMOVED",
  },

  // What a request takes.
  "a new field that must be sent": {
    ...taking(v.object({ a: v.string() }), v.object({ a: v.string(), b: v.string() })),
    code: "REQUEST_NARROWED",
  },
  "a field that may no longer be left out": {
    ...taking(v.object({ a: v.optional(v.string()) }), v.object({ a: v.string() })),
    code: "REQUEST_NARROWED",
  },
  "a field of another kind": {
    ...taking(v.object({ a: v.string() }), v.object({ a: v.number() })),
    code: "REQUEST_NARROWED",
  },
  "a number that must be whole": {
    ...taking(v.object({ a: v.number() }), v.object({ a: v.pipe(v.number(), v.integer()) })),
    code: "REQUEST_NARROWED",
  },
  "a higher lower bound": {
    ...taking(v.pipe(v.number(), v.minValue(1)), v.pipe(v.number(), v.minValue(2))),
    code: "REQUEST_NARROWED",
  },
  "a lower upper bound": {
    ...taking(v.pipe(v.number(), v.maxValue(9)), v.pipe(v.number(), v.ltValue(9))),
    code: "REQUEST_NARROWED",
  },
  "shorter texts": {
    ...taking(v.pipe(v.string(), v.maxLength(20)), v.pipe(v.string(), v.maxLength(10))),
    code: "REQUEST_NARROWED",
  },
  "a list that may not be empty": {
    ...taking(v.array(v.string()), v.pipe(v.array(v.string()), v.minLength(1))),
    code: "REQUEST_NARROWED",
  },
  "fewer choices": {
    ...taking(v.object({ size: v.picklist(["s", "m", "l"]) }), v.object({ size: v.picklist(["s", "m"]) })),
    code: "REQUEST_NARROWED",
  },
  "null is refused": {
    ...taking(v.object({ a: v.nullable(v.string()) }), v.object({ a: v.string() })),
    code: "REQUEST_NARROWED",
  },
  "one form less": {
    ...taking(v.union([v.string(), v.number()]), v.string()),
    code: "REQUEST_NARROWED",
  },
  "one variant less": {
    ...taking(
      v.variant("by", [
        v.object({ by: v.literal("card"), number: v.string() }),
        v.object({ by: v.literal("cash") }),
      ]),
      v.variant("by", [v.object({ by: v.literal("card"), number: v.string() })]),
    ),
    code: "REQUEST_NARROWED",
  },
  "fields that are not named are refused": {
    ...taking(v.object({ a: v.string() }), v.strictObject({ a: v.string() })),
    code: "REQUEST_NARROWED",
  },
  "a strict object has lost an optional field": {
    ...taking(v.strictObject({ a: v.string(), b: v.optional(v.string()) }), v.strictObject({ a: v.string() })),
    code: "REQUEST_NARROWED",
  },
  "a field of a loose object has a meaning now": {
    ...taking(v.looseObject({ a: v.string() }), v.looseObject({ a: v.string(), b: v.optional(v.string()) })),
    code: "REQUEST_NARROWED",
  },
  "a new pattern": {
    ...taking(v.string(), v.pipe(v.string(), v.regex(/^[A-Z]+$/))),
    code: "REQUEST_NARROWED",
  },
  "another pattern": {
    ...taking(v.pipe(v.string(), v.regex(/^[a-z]+$/)), v.pipe(v.string(), v.regex(/^[A-Z]+$/))),
    code: "REQUEST_NARROWED",
  },
  "a new format": { ...taking(v.string(), v.pipe(v.string(), v.email())), code: "REQUEST_NARROWED" },
  "a new check of its own": {
    ...taking(v.string(), v.pipe(v.string(), v.check((value) => value !== "none"))),
    code: "REQUEST_NARROWED",
  },
  "a value that is excluded": {
    ...taking(v.string(), v.pipe(v.string(), v.notValue("none"))),
    code: "REQUEST_NARROWED",
  },
  "deep in a schema that stands in itself": { ...taking(tree, smallTree), code: "REQUEST_NARROWED" },
  "deep in a list of a record of a tuple": {
    ...taking(
      v.array(v.record(v.string(), v.tuple([v.string(), v.number()]))),
      v.array(v.record(v.string(), v.tuple([v.string(), v.string()]))),
    ),
    code: "REQUEST_NARROWED",
  },
  "a body that must be there": {
    ...taking(v.optional(v.object({ a: v.optional(v.string()) })), v.object({ a: v.optional(v.string()) })),
    code: "REQUEST_NARROWED",
  },
  "a body that may not be there": { ...taking(text, v.undefined()), code: "REQUEST_NARROWED" },
  "a schema of Zod that takes less": {
    ...taking(z.object({ a: z.string().max(9) }), z.object({ a: z.string().max(8) })),
    code: "REQUEST_NARROWED",
  },
  "an intersection with one more side": {
    ...taking(
      v.intersect([v.object({ a: v.string() }), v.object({ b: v.string() })]),
      v.intersect([v.object({ a: v.string() }), v.object({ b: v.string(), c: v.number() })]),
    ),
    code: "REQUEST_NARROWED",
  },

  // What a request is answered with.
  "an answer that lacks a field": {
    ...answering(v.object({ a: v.string(), b: v.string() }), v.object({ a: v.string() })),
    code: "RESPONSE_WIDENED",
  },
  "an answer's field that may be left out": {
    ...answering(v.object({ a: v.string() }), v.object({ a: v.optional(v.string()) })),
    code: "RESPONSE_WIDENED",
  },
  "an answer's field that may be null": {
    ...answering(v.object({ a: v.string() }), v.object({ a: v.nullable(v.string()) })),
    code: "RESPONSE_WIDENED",
  },
  "one more choice in an answer": {
    ...answering(v.picklist(["open", "paid"]), v.picklist(["open", "paid", "lost"])),
    code: "RESPONSE_WIDENED",
  },
  "an answer of another kind": { ...answering(v.number(), v.string()), code: "RESPONSE_WIDENED" },
  "a new field in an answer that was strict": {
    ...answering(v.strictObject({ a: v.string() }), v.strictObject({ a: v.string(), b: v.string() })),
    code: "RESPONSE_WIDENED",
  },
  "an answer that may be missing": { ...answering(text, v.optional(text)), code: "RESPONSE_WIDENED" },

  // How a request behaves.
  "one more error": { ...asking({}, { errors: ["FULL"] }), code: "ERROR_ADDED" },
  "no longer idempotent": { ...asking({ idempotent: true }, {}), code: "IDEMPOTENT_REMOVED" },
  "a shorter deadline": { ...asking({ timeoutMs: 9_000 }, { timeoutMs: 8_999 }), code: "TIMEOUT_SHORTENED" },
  "a shorter deadline than the usual one": { ...asking({}, { timeoutMs: 1_000 }), code: "TIMEOUT_SHORTENED" },
  "roles where everyone was let in": {
    ...asking({ access: "public" }, { access: ["clerk"] }, { roles: staff }),
    code: "ACCESS_NARROWED",
  },
  "one role less": {
    ...asking({ access: ["clerk", "auditor"] }, { access: ["clerk"] }, { roles: staff }),
    code: "ACCESS_NARROWED",
  },
  "a role that is gone": { ...entitling({ clerk: {}, guest: {} }, { clerk: {} }), code: "ROLE_REMOVED" },
  "a role that inherits less": {
    ...entitling({ clerk: {}, manager: { inherits: ["clerk"] } }, { clerk: {}, manager: {} }),
    code: "ROLE_REDUCED",
  },

  // Errors.
  "an error of another status": { ...failing({ status: 409 }, { status: 422 }), code: "ERROR_STATUS_CHANGED" },
  "an error that is not to be retried any more": {
    ...failing({ retryable: true }, { retryable: false }),
    code: "ERROR_RETRYABLE_CHANGED",
  },
  "an error that lacks data": {
    ...failing({ data: v.object({ left: v.number() }) }, {}),
    code: "ERROR_DATA_WIDENED",
  },
  "an error's data of another kind": {
    ...failing({ data: v.object({ left: v.number() }) }, { data: v.object({ left: v.string() }) }),
    code: "ERROR_DATA_WIDENED",
  },

  // Events.
  "an event that lacks a field": {
    ...telling(v.object({ id: v.string(), at: v.number() }), v.object({ id: v.string() })),
    code: "EVENT_WIDENED",
  },
  "one more choice in an event": {
    ...telling(v.object({ to: v.picklist(["eu", "us"]) }), v.object({ to: v.picklist(["eu", "us", "asia"]) })),
    code: "EVENT_WIDENED",
  },
  "an event's looser bound": {
    ...telling(v.pipe(v.number(), v.minValue(0)), v.number()),
    code: "EVENT_WIDENED",
  },
  "another subject": { ...sending({ subject: "{region}" }, { subject: "{region}.{id}" }), code: "SUBJECT_CHANGED" },
  "subject parameters in another order": {
    ...sending({ subject: "{id}.{region}" }, { subject: "{region}.{id}" }),
    code: "SUBJECT_CHANGED",
  },
  "an event that is not stored any more": { ...sending({ durable: true }, {}), code: "DURABLE_REMOVED" },
  "events that are kept for less long": {
    ...sending({ durable: { maxAgeMs: 60_000 } }, { durable: { maxAgeMs: 30_000 } }),
    code: "RETENTION_SHORTENED",
  },
  "a field that stored events lack": {
    ...sending(
      { durable: true, schema: v.object({ id: v.string() }) },
      { durable: true, schema: v.object({ id: v.string(), by: v.string() }) },
    ),
    code: "STORED_EVENT_REFUSED",
  },
  "an event that fewer may hear": {
    previous: version({ roles: staff, events: { moved: { ...moved, access: { subscribe: ["clerk", "auditor"] } } } }),
    next: version({ roles: staff, events: { moved: { ...moved, access: { subscribe: ["auditor"] } } } }),
    code: "ACCESS_NARROWED",
  },
};
