import * as assert from "uvu/assert";
import * as v from "valibot";
import { createContract } from "../../mod.ts";
import { contractSubjects } from "../../src/contract/subjects.ts";
import { describe } from "../support/suite.ts";

const fields = v.object({
  id: v.string(),
  count: v.number(),
  unit: v.picklist(["c", "f"]),
  kind: v.union([v.literal("a"), v.number()]),
  short: v.pipe(v.string(), v.maxLength(3)),
  named: v.pipe(v.string(), v.brand("Named")),
  good: v.boolean(),
  place: v.object({ x: v.number() }),
  tags: v.array(v.string()),
  pair: v.tuple([v.string(), v.string()]),
  open: v.looseObject({}),
  byName: v.record(v.string(), v.string()),
  note: v.optional(v.string()),
  gap: v.nullable(v.string()),
  mixed: v.union([v.string(), v.boolean()]),
  flag: v.literal(true),
});

function event(subject: string, schema: unknown = fields): () => unknown {
  return () => createContract({ name: "shop", version: "1.0.0", events: { moved: { schema, subject } } } as never);
}

describe("createContract() with subject parameters", (test) => {
  test("takes string and number fields, and fixed tokens between them", () => {
    for (const name of ["id", "count", "unit", "kind", "short", "named"]) event(`all.{${name}}`)();
  });

  test("refuses a parameter that is no field of the schema, naming the event", () => {
    const message = /^The subject of event "moved" has the parameter "region", which is not a string or number field/;
    assert.throws(event("{id}.{region}"), message);
    assert.throws(event("{region}", v.pipe(fields, v.readonly())), message);
    assert.throws(event("{toString}"), /has the parameter "toString"/);
  });

  test("refuses a field that is no string or number, or that may be missing", () => {
    for (
      const name of ["good", "place", "tags", "pair", "open", "byName", "note", "gap", "mixed", "flag"]
    ) {
      assert.throws(event(`{${name}}`), new RegExp(`has the parameter "${name}", which is not`), name);
    }
  });

  test("refuses a parameter that stands in the subject twice", () => {
    assert.throws(event("{id}.{count}.{id}"), /^Cannot use subject "{id}.{count}.{id}" of event "moved".* twice$/);
  });

  test("refuses a template that makes no tokens", () => {
    for (
      const subject of ["", ".", "{id}.", ".{id}", "{id", "id}", "{}", "{id}{count}", "x{id}", "*", ">", "a b", "é"]
    ) {
      assert.throws(event(subject), /^Cannot use subject ".*" of event "moved": ".*" is neither a token nor/, subject);
    }
  });

  test("takes any parameter of a schema it cannot look into", () => {
    event("{anything}", v.variant("id", [v.object({ id: v.literal("a"), anything: v.string() })]))();
    event("{anything}", { "~standard": { version: 1, vendor: "by hand", validate: () => ({ value: 1 }) } })();
  });
});

describe("contractSubjects()", (test) => {
  const shop = { name: "shop", major: 2 };

  test("puts a namespace of one or more tokens in front", () => {
    assert.is(contractSubjects(shop, "eu.test").of("shop.v2.request.ask"), "eu.test.shop.v2.request.ask");
    assert.is(contractSubjects(shop, "eu.test").cancel("id"), "eu.test.shop.v2.cancel.id");
    assert.is(contractSubjects(shop).everyCancel, "shop.v2.cancel.*");
  });

  test("refuses a namespace that is not made of tokens", () => {
    for (const namespace of ["", ".", "a.", ".a", "a..b", "*", "a.>", "a b", "é", "a\r\nPUB b"]) {
      assert.throws(() => contractSubjects(shop, namespace), /^Cannot use namespace /, namespace);
    }
  });

  test("is what a contract's subjects are made of", () => {
    const contract = createContract({
      name: "shop",
      version: "2.1.0",
      requests: { ask: { request: v.string(), response: v.string() } },
      events: { told: v.string() },
    });
    assert.is(contract.requests.get("ask")?.subject, "shop.v2.request.ask");
    assert.is(contract.events.get("told")?.subject, "shop.v2.event.told");
  });
});
