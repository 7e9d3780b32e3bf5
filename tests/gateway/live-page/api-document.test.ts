import * as assert from "uvu/assert";
import * as v from "valibot";
import { createContract } from "../../../mod.ts";
import { describeOpenApi } from "../../../src/describe/describe-open-api.ts";
import { readApiDocument } from "../../../src/gateway/live-page/browser/api-document.ts";
import { SchemaReader } from "../../../src/gateway/live-page/browser/json-schema.ts";
import { describe } from "../../support/suite.ts";
import { desk } from "./desk-contract.ts";

interface Tree {
  readonly name: string;
  readonly children: readonly Tree[];
}

const tree: v.GenericSchema<Tree> = v.object({ name: v.string(), children: v.array(v.lazy(() => tree)) });

/** Schemas of every kind, and how the page describes them. */
const kinds: Readonly<Record<string, readonly [schema: v.GenericSchema, described: string]>> = {
  text: [v.string(), "string"],
  bounded: [
    v.pipe(v.string(), v.minLength(12), v.maxLength(20)),
    "string, at least 12 characters, at most 20 characters",
  ],
  short: [v.pipe(v.string(), v.maxLength(2)), "string, at most 2 characters"],
  email: [v.pipe(v.string(), v.email()), "string (email)"],
  uuid: [v.pipe(v.string(), v.uuid()), "string (uuid)"],
  timestamp: [v.pipe(v.string(), v.isoTimestamp()), "string (date-time)"],
  day: [v.pipe(v.string(), v.isoDate()), "string (date)"],
  whole: [v.pipe(v.number(), v.integer(), v.minValue(5), v.maxValue(9)), "integer, at least 5, at most 9"],
  above: [v.pipe(v.number(), v.gtValue(7)), "number, more than 7"],
  below: [v.pipe(v.number(), v.maxValue(-3)), "number, at most -3"],
  multiple: [v.pipe(v.number(), v.integer(), v.multipleOf(4)), "integer, a multiple of 4"],
  truth: [v.boolean(), "boolean"],
  nothing: [v.null(), "null"],
  constant: [v.literal("fixed"), '"fixed"'],
  choice: [v.picklist(["one", "two"]), '"one" or "two"'],
  either: [v.union([v.object({ a: v.string() }), v.number()]), "object or number"],
  perhaps: [v.nullable(v.string()), "string or null"],
  list: [
    v.pipe(v.array(v.pipe(v.string(), v.minLength(3))), v.minLength(2)),
    "list of string, at least 3 characters, at least 2 of them",
  ],
  empty: [v.pipe(v.array(v.string()), v.maxLength(0)), "list of string, at most 0 of them"],
  pair: [v.tuple([v.string(), v.number()]), "list of string, then number, at least 2 of them"],
  object: [v.object({ a: v.string(), b: v.optional(v.number()), c: v.optional(v.number(), 3) }), "object"],
  both: [v.intersect([v.object({ a: v.string() }), v.object({ b: v.number() })]), "object"],
  variant: [
    v.variant("kind", [v.object({ kind: v.literal("a"), n: v.number() }), v.object({ kind: v.literal("b") })]),
    "object",
  ],
  record: [v.record(v.string(), v.number()), "object"],
  recursive: [tree, "object"],
  anything: [v.unknown(), "anything"],
};

const every = createContract({
  name: "every",
  version: "2.0.0-beta.1+build.5",
  requests: Object.fromEntries(
    Object.entries(kinds).map((
      [name, [schema]],
    ) => [name, { request: v.object({ value: schema }), response: v.undefined() }]),
  ),
});

describe("readApiDocument()", (test) => {
  test("reads what a gateway's document says of a contract", () => {
    const { title, contracts } = readApiDocument(JSON.parse(JSON.stringify(describeOpenApi(desk))));
    assert.is(title, "orders");
    const [{ name, version, requests, events } = {} as never] = contracts;
    assert.equal([name, version], ["orders", "1.4.0"]);
    const { body, answer, errors, ...createOrder } = requests[0]!;
    assert.equal(createOrder, {
      key: "orders/v1/createOrder",
      path: "/orders/v1/createOrder",
      name: "createOrder",
      description: "Places an order. What is ordered is taken from the stock at once.",
      roles: "for clerk, manager",
      marks: [],
      timeoutMs: 4_000,
    });
    assert.ok(body !== undefined && answer !== undefined);
    assert.equal(errors.map(({ code, status, description, data }) => [code, status, description, data !== undefined]), [
      ["OUT_OF_STOCK", "409", "Not enough stock", true],
      ["CLOSED", "423", "The desk is closed", false],
    ]);
    assert.equal([requests[1]!.roles, requests[1]!.marks], ["for everyone", ["may be sent again"]]);
    assert.is(requests[2]!.roles, "for manager");
    assert.equal([requests[3]!.name, requests[3]!.body, requests[3]!.answer], ["ping", undefined, undefined]);
    assert.equal(events.map(({ schema: _, ...event }) => event), [
      {
        key: "orders/v1/events/orderCreated",
        path: "/orders/v1/events",
        name: "orderCreated",
        description: "An order was placed.",
        roles: "for clerk, manager",
        marks: [],
        parameters: [],
      },
      {
        key: "orders/v1/events/orderMoved",
        path: "/orders/v1/events",
        name: "orderMoved",
        description: "An order is on its way.",
        roles: "for clerk, manager",
        marks: [],
        parameters: ["region", "id"],
      },
    ]);
  });

  test("keeps two versions of one contract apart", () => {
    const next = createContract({
      name: "orders",
      version: "2.0.1",
      requests: { createOrder: { request: v.string(), response: v.string() } },
    });
    const { contracts } = readApiDocument(JSON.parse(JSON.stringify(describeOpenApi([desk, next, every]))));
    assert.equal(contracts.map(({ name, version, requests }) => [name, version, requests.length]), [
      ["orders", "1.4.0", 4],
      ["orders", "2.0.1", 1],
      ["every", "2.0.0-beta.1+build.5", Object.keys(kinds).length],
    ]);
  });

  test("takes any JSON, and leaves out what it does not understand", () => {
    const strange: readonly unknown[] = [
      null,
      7,
      "text",
      [],
      {},
      { paths: [] },
      { paths: { "/a": {}, "/a/b": null, "/a/b/c": null, "/%zz/v1/x": { post: {} } } },
      { paths: { "/a/v1/b": { post: { responses: { 200: 7, 409: { content: 7 } }, parameters: {} } } }, tags: [null] },
      { paths: { "/a/v1/events": { get: { "x-events": { e: null, f: { parameters: 7, roles: "all" } } } } } },
      { paths: { "/a/v1/b": { post: { requestBody: { $ref: "#/components/requestBodies/none" } } } } },
    ];
    for (const document of strange) readApiDocument(document);
    const { contracts } = readApiDocument(strange.at(-1));
    assert.equal(contracts.map(({ name, version, requests }) => [name, version, requests.length]), [["a", "v1", 1]]);
  });
});

describe("SchemaReader", (test) => {
  const document: unknown = JSON.parse(JSON.stringify(describeOpenApi(every)));
  const schemas = new SchemaReader(document);
  const { requests } = readApiDocument(document).contracts[0]!;

  for (const [name, [schema, described]] of Object.entries(kinds)) {
    test(`describes ${name}, and gives a sample of it that the contract takes`, () => {
      const { body } = requests.find((request) => request.name === name)!;
      const sample = schemas.sample(body);
      assert.ok(v.is(v.object({ value: schema }), sample), JSON.stringify(sample));
      const [value] = schemas.members(body);
      assert.is(schemas.describe(value?.schema), described);
    });
  }

  test("ends on references in a circle, that lead nowhere, or into a prototype", () => {
    const reader = new SchemaReader({
      a: { $ref: "#/b" },
      b: { $ref: "#/a" },
      deep: { type: "array", items: { $ref: "#/deep" } },
      all: { allOf: [{ $ref: "#/all" }] },
      any: { anyOf: [{ $ref: "#/any" }] },
    });
    for (
      const reference of [
        "#/a",
        "#/none",
        "#/__proto__",
        "#/constructor/name",
        "https://attacker.example/x",
        "#/deep",
        "#/all",
        "#/any",
      ]
    ) {
      const schema = { $ref: reference };
      reader.sample(schema);
      reader.members(schema);
      assert.type(reader.describe(schema), "string");
    }
  });
});
