import * as v from "valibot";
import { createContract } from "../../mod.ts";

const text = v.string();

export const accepted = createContract({
  name: "a",
  version: "1.0.0",
  roles: { clerk: { description: "Sells" }, manager: { inherits: ["clerk"] } },
  errors: { OUT: { status: 409 } },
  requests: { ask: { request: text, response: text, errors: ["OUT"], access: ["clerk", "manager"] } },
  events: { told: { schema: text, access: { subscribe: "public" } } },
});

export const refused = [
  createContract({
    name: "a",
    version: "1.0.0",
    roles: { clerk: {} },
    // @ts-expect-error -- the contract has no such role
    requests: { ask: { request: text, response: text, access: ["boss"] } },
  }),
  createContract({
    name: "a",
    version: "1.0.0",
    roles: { clerk: {} },
    // @ts-expect-error -- roles stand in a list
    requests: { ask: { request: text, response: text, access: "clerk" } },
  }),
  createContract({
    name: "a",
    version: "1.0.0",
    roles: { clerk: {} },
    // @ts-expect-error -- the contract has no such role
    events: { told: { schema: text, access: { subscribe: ["boss"] } } },
  }),
  createContract({
    name: "a",
    version: "1.0.0",
    // @ts-expect-error -- a contract without roles has no role to name
    requests: { ask: { request: text, response: text, access: ["clerk"] } },
  }),
  createContract({
    name: "a",
    version: "1.0.0",
    // @ts-expect-error -- the contract has no such role to inherit
    roles: { clerk: { inherits: ["boss"] } },
  }),
  createContract({
    name: "a",
    version: "1.0.0",
    errors: { OUT: {} },
    // @ts-expect-error -- the contract has no such error
    requests: { ask: { request: text, response: text, errors: ["SOLD_OUT"] } },
  }),
  createContract({
    name: "a",
    version: "1.0.0",
    // @ts-expect-error -- a contract without errors has no code to name
    requests: { ask: { request: text, response: text, errors: ["OUT"] } },
  }),
  createContract({
    name: "a",
    version: "1.0.0",
    // @ts-expect-error -- a request has a response
    requests: { ask: { request: text } },
  }),
  createContract({
    name: "a",
    version: "1.0.0",
    // @ts-expect-error -- a type is no schema
    requests: { ask: { request: text, response: String } },
  }),
  createContract({
    name: "a",
    version: "1.0.0",
    // @ts-expect-error -- the data of an error is a schema
    errors: { OUT: { data: { sku: "string" } } },
  }),
  // @ts-expect-error -- a contract has a version
  createContract({ name: "a" }),
];
