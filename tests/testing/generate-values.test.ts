import * as assert from "uvu/assert";
import * as v from "valibot";
import * as z from "zod";
import { createContract, type StandardSchema } from "../../mod.ts";
import {
  createTestPair,
  generateEvents,
  generateRequests,
  generateResponses,
  generateValues,
  type InvalidValue,
} from "../../src/testing/mod.ts";
import { schemaTable } from "../describe/schema-table.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { describe } from "../support/suite.ts";
import { randomSchema } from "./random-schema.ts";

const seeds = [1, 2, 3, 4, 5];

async function takes(schema: StandardSchema, value: unknown): Promise<boolean> {
  return (await schema["~standard"].validate(structuredClone(value))).issues === undefined;
}

/** Where a schema says that something is wrong: the keys of each issue, joined by dots. */
async function issuePaths(schema: StandardSchema, value: unknown): Promise<readonly string[]> {
  const { issues = [] } = await schema["~standard"].validate(structuredClone(value));
  return issues.map(({ path = [] }) =>
    path.map((part) => String(typeof part === "object" ? part.key : part)).join(".")
  );
}

/** Whether an issue is where the invalid value says, in it, or at what it is part of: a union says no more than that. */
async function isWhereItSays(schema: StandardSchema, { path, value }: InvalidValue): Promise<boolean> {
  const paths = await issuePaths(schema, value);
  const isIn = (inner: string, outer: string): boolean =>
    inner === outer || outer === "" || inner.startsWith(`${outer}.`);
  return paths.some((issue) => isIn(issue, path) || isIn(path, issue));
}

/** Whether a union is somewhere in it: of one that has several objects, the issues may be those of another object. */
function hasUnion(schema: unknown, seen: Set<unknown> = new Set()): boolean {
  if (typeof schema !== "object" || schema === null || seen.has(schema)) return false;
  seen.add(schema);
  const { type } = schema as { readonly type?: unknown };
  return type === "union" || type === "variant" || Object.values(schema).some((inner) => hasUnion(inner, seen));
}

async function assertGenerated(schema: StandardSchema, seed: number, title: string): Promise<number> {
  const { valid, invalid } = await generateValues(schema, { seed, count: 20 });
  assert.ok(valid.length > 0, title);
  for (const value of valid) assert.ok(await takes(schema, value), `${title} refuses ${JSON.stringify(value)}`);
  for (const wrong of invalid) {
    const text = `${title}: ${wrong.name}: ${JSON.stringify(wrong.value)}`;
    assert.not(await takes(schema, wrong.value), text);
    if (hasUnion(schema)) continue;
    assert.ok(await isWhereItSays(schema, wrong), `${text} is wrong at ${await issuePaths(schema, wrong.value)}`);
  }
  for (const list of [valid, invalid.map(({ value }) => value)]) {
    const texts = list.map((value) => JSON.stringify(value));
    assert.is(new Set(texts).size, texts.length, `${title} has a value twice`);
  }
  const names = invalid.map(({ name }) => name);
  assert.is(new Set(names).size, names.length, `${title} has a name twice`);
  return invalid.length;
}

describe("generateValues()", (test) => {
  for (const [title, { schema }] of Object.entries(schemaTable)) {
    test(`gives what a schema takes and what it refuses: ${title}`, async () => {
      for (const seed of seeds) {
        const refused = await assertGenerated(schema as StandardSchema, seed, title);
        assert.is(refused > 0, title !== "any", title);
      }
    });
  }

  test(
    "gives what a schema takes and what it refuses, for 250 schemas put together at random",
    { timeoutMs: 60_000 },
    async () => {
      let nested = 0;
      for (let seed = 0; seed < 250; seed++) {
        const schema = randomSchema(seededRandom(seed));
        if ((await assertGenerated(schema as StandardSchema, seed, `schema ${seed}`)) > 20) nested += 1;
      }
      assert.ok(nested > 60, `only ${nested} of them had more than 20 things that can be wrong`);
    },
  );

  test("reads schemas of other libraries by their JSON Schema", async () => {
    interface Node {
      readonly name: string;
      readonly children: readonly Node[];
    }
    const node: z.ZodType<Node> = z.object({
      name: z.string(),
      get children() {
        return z.array(node);
      },
    });
    const schemas: Readonly<Record<string, StandardSchema>> = {
      object: z.object({
        sku: z.string().min(2).max(8),
        quantity: z.int().min(1).max(99),
        note: z.string().optional(),
      }),
      strict: z.strictObject({ a: z.boolean(), b: z.null() }),
      formats: z.object({ id: z.uuid(), mail: z.email(), at: z.iso.datetime(), day: z.iso.date(), page: z.url() }),
      union: z.discriminatedUnion("kind", [
        z.object({ kind: z.literal("a"), x: z.number() }),
        z.object({ kind: z.literal("b"), y: z.enum(["u", "v"]) }),
      ]),
      list: z.array(z.tuple([z.string(), z.number().positive()])).min(1).max(3),
      record: z.record(z.string(), z.number().multipleOf(5)),
      pattern: z.string().regex(/^[A-Z]{2}-\d{3}$/),
      nullable: z.object({ a: z.string().nullable(), b: z.number().lt(10).nullish() }),
      both: z.intersection(z.object({ a: z.string() }), z.object({ b: z.number() })),
      tree: node,
    };
    for (const [title, schema] of Object.entries(schemas)) {
      for (const seed of seeds) assert.ok((await assertGenerated(schema, seed, title)) > 5, title);
    }
  });

  test("makes what comes into a pipe, not what becomes of it", async () => {
    const schema = v.pipe(v.string(), v.transform((text) => ({ text })), v.object({ text: v.string() }));
    for (const value of (await generateValues(schema)).valid) assert.type(value, "string");
  });

  test("leaves out what a JSON Schema does not require, and has it, too", async () => {
    const schema = z.object({ a: z.string(), b: z.number().optional() });
    const { valid: [most, least] } = await generateValues(schema);
    assert.equal([Object.keys(most!), Object.keys(least!)], [["a", "b"], ["a"]]);
  });

  test("gives the same for the same seed, and other values for another", async () => {
    const { schema } = schemaTable["object"]!;
    const [one, same, other] = await Promise.all(
      [7, 7, 8].map((seed) => generateValues(schema as StandardSchema, { seed })),
    );
    assert.equal(one, same);
    assert.not.equal(one!.valid, other!.valid);
  });

  test("begins with a value that has everything and one that has as little as it may", async () => {
    const schema = v.object({ a: v.string(), b: v.optional(v.number()), c: v.optional(v.array(v.boolean())) });
    const { valid: [most, least] } = await generateValues(schema, { seed: 3 });
    assert.equal(Object.keys(most!), ["a", "b", "c"]);
    assert.ok(most!.c!.length > 0);
    assert.equal(Object.keys(least!), ["a"]);
  });

  test("names invalid values by what is wrong and where", async () => {
    const schema = v.object({
      quantity: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(9)),
      sku: v.pipe(v.string(), v.minLength(2), v.maxLength(4), v.startsWith("A")),
      id: v.pipe(v.string(), v.uuid()),
      tags: v.pipe(v.array(v.picklist(["x", "y"])), v.maxLength(2)),
    });
    const { invalid } = await generateValues(schema);
    const byName = new Map(invalid.map((one) => [one.name, one.value as Record<string, unknown>]));
    assert.is(byName.get('"quantity" is below 1')?.["quantity"], 0);
    assert.is(byName.get('"quantity" is above 9')?.["quantity"], 10);
    assert.is(byName.get('"quantity" is no whole number')?.["quantity"], 1.5);
    assert.not.ok("quantity" in byName.get('"quantity" is missing')!);
    assert.is(byName.get('"quantity" is null')?.["quantity"], null);
    assert.is(String(byName.get('"sku" is shorter than 2')?.["sku"]).length, 1);
    assert.is(String(byName.get('"sku" is longer than 4')?.["sku"]).length, 5);
    assert.ok(byName.has('"sku" does not start with "A"'));
    assert.is(byName.get('"id" is no uuid')?.["id"], "no such uuid");
    assert.is((byName.get('"tags" has more than 2 items')?.["tags"] as unknown[]).length, 3);
    assert.ok(byName.has('"tags.0" is none of the values that are allowed'));
    assert.ok(byName.has("the value is missing"));
  });

  test("reaches the bounds of numbers and texts", async () => {
    const schema = v.object({
      quantity: v.pipe(v.number(), v.integer(), v.minValue(-3), v.maxValue(12)),
      name: v.pipe(v.string(), v.minLength(1), v.maxLength(30)),
    });
    const { valid } = await generateValues(schema, { count: 100 });
    const quantities = new Set(valid.map(({ quantity }) => quantity));
    assert.ok(quantities.has(-3) && quantities.has(12) && quantities.has(0));
    assert.ok(valid.some(({ name }) => name.length === 30));
    assert.ok(valid.some(({ name }) => /\P{ASCII}/u.test(name)), "texts of other languages");
  });

  test("takes examples for what nobody can guess, and makes invalid values of them", async () => {
    const schema = v.object({ code: v.pipe(v.string(), v.check((code) => code === "open sesame")), count: v.number() });
    const error = await expectRejection(generateValues(schema, {}), {
      message:
        /^Cannot generate a valid value for this schema: of 500 that were made none fits, .*at "code"; give some by `examples`$/,
    });
    assert.instance(error, TypeError);
    const examples = [{ code: "open sesame", count: 3 }];
    const { valid, invalid } = await generateValues(schema, { examples });
    assert.equal(valid, examples);
    assert.ok(invalid.some(({ name }) => name === '"count" is null'));
    assert.ok(invalid.some(({ path }) => path === "code"));
    await expectRejection(generateValues(schema, { examples: [{ code: "open", count: 3 }] }), {
      message: /^Example 0 for this schema does not fit its schema: .* at "code"$/,
    });
  });

  test("asks schemas of an unknown kind, and says where that is not enough", async () => {
    const standard = (validate: (value: unknown) => boolean): StandardSchema => ({
      "~standard": {
        version: 1,
        vendor: "mine",
        validate: (value) => validate(value) ? { value } : { issues: [{ message: "Not mine" }] },
      },
    });
    assert.ok((await generateValues(standard((value) => typeof value === "string"))).valid.length > 1);
    await expectRejection(generateValues(standard(() => false)), { message: /because of "Not mine"; give some/ });
  });

  test("says why a schema that has itself in it without an end, or takes nothing of JSON, has no values", async () => {
    const endless: v.GenericSchema<unknown> = v.object({ next: v.lazy(() => endless) });
    await expectRejection(generateValues(endless as never), { message: /itself in it without an end; give some/ });
    await expectRejection(generateValues(v.never()), { message: /takes nothing that JSON can carry; give some/ });
    await expectRejection(generateValues(v.pipe(v.string(), v.minLength(10_000_000))), {
      message: /wants a text of 10000000 characters; give some/,
    });
  });

  test("refuses counts that are none", async () => {
    for (const count of [0, -1, 1.5, Number.NaN, 1e9]) {
      await expectRejection(generateValues(v.string(), { count }), { message: /^Cannot use `count`: a whole number/ });
    }
  });
});

describe("Generated values of a contract", (test) => {
  const secret = v.pipe(v.string(), v.check((value) => value === "open sesame"));
  const contract = createContract({
    name: "shop",
    version: "1.0.0",
    requests: {
      place: { request: v.object({ sku: v.string() }), response: v.object({ id: v.number() }) },
      open: { request: v.object({ secret }), response: v.object({ secret }) },
    },
    events: { placed: v.object({ id: v.number() }), opened: v.object({ secret }) },
  });

  test("are of the operation's own schema", async () => {
    assert.type((await generateRequests(contract, "place")).valid[0]!.sku, "string");
    assert.type((await generateResponses(contract, "place")).valid[0]!.id, "number");
    assert.type((await generateEvents(contract, "placed")).valid[0]!.id, "number");
  });

  test("of an event can be broadcast: parameters can stand in its subject", async () => {
    const moves = createContract({
      name: "moves",
      version: "1.0.0",
      events: { moved: { schema: v.object({ region: v.string(), id: v.number() }), subject: "{region}.{id}" } },
    });
    const { valid } = await generateEvents(moves, "moved", { count: 100 });
    assert.ok(valid.length === 100 && valid.every(({ region }) => region !== ""));
    await using pair = await createTestPair(moves);
    for (const data of valid) await pair.server.broadcast("moved", data);
    assert.is(pair.events.all("moved").length, 100);
    const examples = [{ region: "", id: 1 }];
    await expectRejection(generateEvents(moves, "moved", { examples }), {
      message: /^Example 0 for event "moved" .*subject token/,
    });
  });

  test("name the operation where there are none", async () => {
    await expectRejection(generateRequests(contract, "open"), { message: /for request "open": .* give some/ });
    await expectRejection(generateResponses(contract, "open"), { message: /for the response of request "open": / });
    await expectRejection(generateEvents(contract, "opened"), { message: /for event "opened": / });
    await expectRejection(generateRequests(contract, "shut" as "open"), { message: /has no request "shut"/ });
    await expectRejection(generateEvents(contract, "shut" as "opened"), { message: /has no event "shut"/ });
  });
});
