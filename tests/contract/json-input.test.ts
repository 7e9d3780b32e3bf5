import * as assert from "uvu/assert";
import * as v from "valibot";
import { createContract } from "../../mod.ts";
import { describe } from "../support/suite.ts";

function request(schema: unknown): () => unknown {
  return () =>
    createContract(
      { name: "shop", version: "1.0.0", requests: { ask: { request: schema, response: v.string() } } } as never,
    );
}

const impossible: Readonly<Record<string, v.GenericSchema>> = {
  bigint: v.bigint(),
  blob: v.blob(),
  date: v.date(),
  file: v.file(),
  function: v.function(),
  instance: v.instance(URL),
  map: v.map(v.string(), v.string()),
  nan: v.nan(),
  promise: v.promise(),
  set: v.set(v.string()),
  symbol: v.symbol(),
};

describe("createContract() with schemas whose input JSON cannot carry", (test) => {
  for (const [type, schema] of Object.entries(impossible)) {
    test(`refuses ${type}, saying what to use instead`, () => {
      assert.throws(
        request(schema),
        new RegExp(`^Cannot use the request schema of request "ask": JSON cannot carry ${type}; use .+ instead$`),
      );
    });
  }

  test("finds it wherever it is nested, and says where", () => {
    const nested: Readonly<Record<string, v.GenericSchema>> = {
      "a.b": v.object({ a: v.object({ b: v.date() }) }),
      "a": v.strictObject({ a: v.optional(v.date()) }),
      "loose": v.looseObject({ loose: v.nullable(v.date()) }),
      "rest.list": v.objectWithRest({ rest: v.object({ list: v.array(v.date()) }) }, v.string()),
      "variant": v.variant("kind", [v.object({ kind: v.literal("a"), variant: v.date() })]),
      "both": v.intersect([v.object({ a: v.string() }), v.object({ both: v.date() })]),
      "pair": v.object({ pair: v.tuple([v.string(), v.date()]) }),
    };
    for (const [path, schema] of Object.entries(nested)) {
      assert.throws(request(schema), new RegExp(`JSON cannot carry date at "${path.replace(".", "\\.")}";`), path);
    }
    for (const schema of [v.array(v.date()), v.record(v.string(), v.date()), v.objectWithRest({}, v.date())]) {
      assert.throws(request(schema), /JSON cannot carry date;/);
    }
  });

  test("finds it at the head of a pipe, not behind it", () => {
    assert.throws(request(v.pipe(v.date(), v.toString())), /JSON cannot carry date;/);
    assert.throws(request(v.object({ at: v.pipe(v.pipe(v.date(), v.readonly()), v.toString()) })), /date at "at";/);
    request(v.pipe(v.string(), v.toDate()))();
    request(v.object({ at: v.pipe(v.string(), v.isoTimestamp(), v.toDate(), v.date()) }))();
    request(v.pipe(v.string(), v.transform((text) => BigInt(text)), v.bigint()))();
  });

  test("finds it where the same schema was allowed at another place before", () => {
    const day = v.date();
    assert.throws(request(v.object({ either: v.union([day, v.string()]), only: day })), /date at "only";/);
  });

  test("takes a union of which one option can travel", () => {
    request(v.union([v.date(), v.string()]))();
    assert.throws(request(v.union([v.date(), v.bigint()])), /JSON cannot carry date;/);
  });

  test("looks into responses, events and error data too, naming them", () => {
    const date = v.object({ at: v.date() });
    const create = (definition: Record<string, unknown>) => () =>
      createContract({ name: "shop", version: "1.0.0", ...definition } as never);
    assert.throws(
      create({ requests: { ask: { request: v.string(), response: date } } }),
      /response schema of request "ask"/,
    );
    assert.throws(create({ events: { told: date } }), /the schema of event "told"/);
    assert.throws(create({ events: { told: { schema: date } } }), /the schema of event "told"/);
    assert.throws(create({ errors: { OUT: { data: date } } }), /the data of error "OUT"/);
  });

  test("takes a schema that contains itself", () => {
    interface Tree {
      children: Tree[];
    }
    const tree: v.GenericSchema<Tree> = v.object({ children: v.array(v.lazy(() => tree)) });
    request(tree)();
  });

  test("takes another validator's schema as it is", () => {
    request({ "~standard": { version: 1, vendor: "by hand", validate: (value: unknown) => ({ value }) } })();
  });
});
