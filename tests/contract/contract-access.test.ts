import * as assert from "uvu/assert";
import * as v from "valibot";
import { createContract } from "../../mod.ts";
import { accessDecision, compileRoles } from "../../src/contract/roles.ts";
import { describe } from "../support/suite.ts";

const text = v.string();
const ask = { request: text, response: text };
const clerk = { roles: { clerk: {} } };

function create(definition: Record<string, unknown>): () => unknown {
  return () => createContract({ name: "shop", version: "1.0.0", ...definition } as never);
}

describe("createContract() with roles", (test) => {
  test("refuses an operation that does not say who may use it, naming the operation", () => {
    assert.throws(
      create({ ...clerk, requests: { ask } }),
      /^The request "ask" has no access: in a contract with roles/,
    );
    assert.throws(create({ ...clerk, events: { told: { schema: text } } }), /^The event "told" has no access/);
    assert.throws(
      create({ ...clerk, events: { told: { schema: text, access: {} } } }),
      /^The event "told" has no access/,
    );
    assert.throws(create({ ...clerk, events: { told: text } }), /^The event "told" has no access/);
  });

  test("refuses a role that the contract does not have, naming the operation", () => {
    assert.throws(
      create({ ...clerk, requests: { ask: { ...ask, access: ["clerk", "boss"] } } }),
      /^The request "ask" names role "boss", which is not a role of the contract$/,
    );
    assert.throws(
      create({ ...clerk, events: { told: { schema: text, access: { subscribe: ["toString"] } } } }),
      /^The event "told" names role "toString"/,
    );
    assert.throws(create({ requests: { ask: { ...ask, access: ["clerk"] } } }), /names role "clerk"/);
  });

  test("refuses access that is no list of roles and not public", () => {
    for (const access of [[], "clerk", "", {}, null]) {
      assert.throws(
        create({ ...clerk, requests: { ask: { ...ask, access } } }),
        /^The access of request "ask" is .*role names in a list or "public" are wanted$/,
      );
    }
  });

  test("refuses a role cycle, showing it", () => {
    assert.throws(
      create({ roles: { a: { inherits: ["b"] }, b: { inherits: ["c"] }, c: { inherits: ["a"] } } }),
      /^Cannot resolve role "a": it inherits itself by a → b → c → a$/,
    );
    assert.throws(create({ roles: { a: { inherits: ["a"] } } }), /it inherits itself by a → a$/);
  });

  test("refuses to inherit a role that the contract does not have", () => {
    assert.throws(
      create({ roles: { a: { inherits: ["__proto__"] } } }),
      /^Role "a" inherits "__proto__", which is not a role of the contract$/,
    );
  });

  test("makes an operation public where a contract without roles says nothing", () => {
    const contract = createContract({ name: "shop", version: "1.0.0", requests: { ask }, events: { told: text } });
    assert.is(contract.requests.get("ask")?.access, "public");
    assert.is(contract.events.get("told")?.access, "public");
  });
});

describe("accessDecision()", (test) => {
  const roles = compileRoles({
    owner: { inherits: ["manager", "auditor"] },
    manager: { inherits: ["clerk"] },
    auditor: { inherits: ["reader"] },
    clerk: { inherits: ["reader"] },
    reader: {},
  });

  test("allows a role, and every role that inherits it", () => {
    for (const role of ["clerk", "manager", "owner"]) assert.ok(accessDecision(roles, ["clerk"], [role]), role);
  });

  test("refuses a role that is inherited, not inheriting", () => {
    for (const role of ["reader", "auditor"]) assert.not.ok(accessDecision(roles, ["clerk"], [role]), role);
  });

  test("allows where one of the roles held or wanted fits", () => {
    assert.ok(accessDecision(roles, ["auditor", "clerk"], ["reader", "manager"]));
  });

  test("gives nothing to no roles and to roles that the contract does not have", () => {
    assert.not.ok(accessDecision(roles, ["reader"], []));
    for (const role of ["boss", "__proto__", "constructor", "public", ""]) {
      assert.not.ok(accessDecision(roles, ["reader"], [role]), role);
    }
  });

  test("allows everyone what is public", () => {
    assert.ok(accessDecision(roles, "public", []));
  });

  test("resolves an inheritance 1,000 roles deep", () => {
    const chain = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, index) => [`r${index}`, index === 0 ? {} : { inherits: [`r${index - 1}`] }]),
    );
    assert.ok(accessDecision(compileRoles(chain), ["r0"], ["r999"]));
  });
});
