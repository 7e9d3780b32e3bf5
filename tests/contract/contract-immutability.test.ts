import * as assert from "uvu/assert";
import * as v from "valibot";
import { createContract } from "../../mod.ts";
import { accessDecision } from "../../src/contract/roles.ts";
import { describe } from "../support/suite.ts";

const text = v.string();

function definition() {
  return {
    name: "shop",
    version: "1.0.0",
    roles: { clerk: { inherits: [] as string[] }, boss: {} },
    errors: { OUT: { status: 409 } },
    requests: { ask: { request: text, response: text, access: ["boss"], errors: ["OUT"], idempotent: false } },
    events: {
      told: { schema: text, access: { subscribe: ["boss"] }, durable: { maxMessages: 10 } },
    },
  };
}

describe("createContract()", (test) => {
  test("gives a contract that nobody can change", () => {
    const contract = createContract(definition() as never);
    const ask = contract.requests.get("ask")!;
    const told = contract.events.get("told")!;
    const parts = { contract, ask, told, access: ask.access, subscribe: told.access, durable: told.durable };
    for (const [name, part] of Object.entries({ ...parts, error: contract.errors.get("OUT"), schemas: ask.schemas })) {
      assert.ok(Object.isFrozen(part), `${name} is frozen`);
    }
  });

  test("is not changed by what happens to its definition afterwards", () => {
    const given = definition();
    const contract = createContract(given as never);
    given.requests.ask.access.push("clerk");
    given.requests.ask.idempotent = true;
    given.requests.ask.errors.pop();
    given.events.told.access.subscribe.push("clerk");
    given.events.told.durable.maxMessages = 1;
    given.errors.OUT.status = 500;
    given.roles.clerk.inherits.push("boss");

    const ask = contract.requests.get("ask")!;
    assert.equal(ask.access, ["boss"]);
    assert.is(ask.idempotent, false);
    assert.ok(ask.errors.has("OUT"));
    assert.equal(contract.events.get("told")?.access, ["boss"]);
    assert.equal(contract.events.get("told")?.durable, { maxMessages: 10 });
    assert.is(contract.errors.get("OUT")?.status, 409);
    assert.not.ok(accessDecision(contract.roles, ["boss"], ["clerk"]));
  });

  test("leaves its definition alone", () => {
    const given = definition();
    createContract(given as never);
    for (const part of [given, given.requests.ask, given.requests.ask.access, given.events.told.durable]) {
      assert.not.ok(Object.isFrozen(part));
    }
    assert.equal(given, definition());
  });

  test("fills in what a definition leaves out", () => {
    const contract = createContract({
      name: "shop",
      version: "1.0.0",
      errors: { OUT: {} },
      requests: { ask: { request: text, response: text } },
      events: { told: text, kept: { schema: text, durable: true }, lost: { schema: text, durable: false } },
    });
    const { status, message, retryable, data } = contract.errors.get("OUT")!;
    assert.equal({ status, message, retryable, data }, {
      status: 422,
      message: "OUT",
      retryable: false,
      data: undefined,
    });
    const { idempotent, timeoutMs, errors, kind } = contract.requests.get("ask")!;
    assert.equal({ idempotent, timeoutMs, kind }, { idempotent: false, timeoutMs: undefined, kind: "request" });
    assert.is(errors.size, 0);
    assert.is(contract.events.get("told")?.durable, undefined);
    assert.equal(contract.events.get("kept")?.durable, {});
    assert.is(contract.events.get("lost")?.durable, undefined);
  });

  test("does not mistake an operation for a property of every object", () => {
    const contract = createContract({ name: "shop", version: "1.0.0" });
    for (const name of ["constructor", "__proto__", "toString"]) {
      assert.is(contract.requests.get(name), undefined);
      assert.is(contract.events.get(name), undefined);
    }
  });
});
