import { Ajv, type ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import * as assert from "uvu/assert";
import * as v from "valibot";
import { createContract } from "../../mod.ts";
import { describeAsyncApi, describeOpenApi, type JsonSchema } from "../../src/describe/mod.ts";
import { type SeededRandom, seededRandom } from "../support/seeded-random.ts";
import { describe } from "../support/suite.ts";
import { type SchemaCase, schemaTable } from "./schema-table.ts";

const madeUp = 300;
const contract = createContract({
  name: "kinds",
  version: "1.0.0",
  requests: Object.fromEntries(
    Object.entries(schemaTable).map(([name, { schema }]) => [nameOf(name), { request: schema, response: v.string() }]),
  ),
});
const openApi = describeOpenApi(contract);
const asyncApi = describeAsyncApi(contract);

// Documents are no schemas: they only hold what references lead to.
const ajv2020 = addFormats.default(new Ajv2020({ strict: false, verbose: true })).addSchema(openApi, "document");
const ajv07 = addFormats.default(new Ajv({ strict: false, verbose: true })).addSchema(asyncApi, "document");

function nameOf(title: string): string {
  return title.replaceAll(" ", "-");
}

/** What both documents say of a request's body. */
function bodySchemas(title: string): readonly JsonSchema[] {
  const name = nameOf(title);
  const body = openApi.paths[`/kinds/v1/${name}`]!.post!.requestBody!.content["application/json"]!.schema;
  const [message] = Object.keys(asyncApi.channels[`kinds.v1.request.${name}`]!.messages);
  return [body, asyncApi.components.messages[message!]!.payload!];
}

function validators(title: string): readonly ValidateFunction[] {
  const [body, payload] = bodySchemas(title);
  return [
    ajv2020.compile({ $ref: `document${body!["$ref"]}` }),
    ajv07.compile({ $ref: `document${payload!["$ref"]}` }),
  ];
}

/** Whether Valibot takes a value, leaving out where it takes an array for an object, which no schema here means. */
async function valibotTakes(schema: SchemaCase["schema"], value: unknown): Promise<boolean> {
  const result = await v.safeParseAsync(schema, structuredClone(value));
  return result.success && !arrayForObject(value, result.output);
}

function arrayForObject(input: unknown, output: unknown): boolean {
  if (typeof input !== "object" || input === null || typeof output !== "object" || output === null) return false;
  if (Array.isArray(input) && !Array.isArray(output)) return true;
  return Object.entries(input).some(([key, value]) => arrayForObject(value, (output as Record<string, unknown>)[key]));
}

const pool = JSON.parse(
  `["", "a", "ab", "abcd", "ABC", "12", " a ", 0, 1, 2, 3, 5, -1, 1.5, 9007199254740992, true, false, null,
    [], [1], ["a"], ["a", 1], {}, {"a": "x"}, {"a": 1}, {"b": 1}]`,
) as unknown[];

/** A value a little beside another. */
function beside(value: unknown, random: SeededRandom): unknown {
  if (random.below(8) === 0) return random.pick(pool);
  if (typeof value === "string") {
    return random.pick([
      `${value}a`,
      `x${value}`,
      value.slice(1),
      value.slice(0, -1),
      value.toUpperCase(),
      `${value} `,
    ]);
  }
  if (typeof value === "number") return random.pick([value + 1, value - 1, value + 0.5, -value, value * 2]);
  if (Array.isArray(value)) {
    const at = random.below(value.length + 1);
    const rest = value.slice(at + 1);
    return random.pick([
      [...value.slice(0, at), beside(value[at] ?? "a", random), ...rest],
      [...value.slice(0, at), ...rest],
      [...value, random.pick(pool)],
    ]);
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value);
    const [key, inner] = random.pick([...entries, ["extra", 1]]);
    const others = entries.filter(([name]) => name !== key);
    return Object.fromEntries(
      random.pick([others, [...others, [key, beside(inner, random)]], [...entries, ["more", 1]]]),
    );
  }
  return random.pick(pool);
}

describe("JSON Schemas in both documents", (test) => {
  for (const [title, { schema, valid, invalid = [], wide }] of Object.entries(schemaTable)) {
    test(`take what Valibot takes: ${title}`, async () => {
      const checks = validators(title);
      for (const value of valid) {
        assert.ok(await valibotTakes(schema, value), `Valibot refuses ${JSON.stringify(value)}`);
        for (const check of checks) {
          assert.ok(check(value), `${JSON.stringify(value)} is refused: ${JSON.stringify(check.errors?.[0]?.keyword)}`);
        }
      }
      for (const value of invalid) {
        assert.not(await valibotTakes(schema, value), `Valibot takes ${JSON.stringify(value)}`);
        for (const check of checks) assert.not(check(value), `${JSON.stringify(value)} is taken`);
      }
      const random = seededRandom(title.length);
      let value: unknown = valid[0];
      let refused = 0;
      for (let count = 0; count < madeUp; count++) {
        value = count % 6 === 0 ? random.pick(valid) : beside(value, random);
        const taken = await valibotTakes(schema, value);
        if (!taken) refused += 1;
        for (const check of checks) {
          if (taken || wide === undefined) assert.is(check(value), taken, JSON.stringify(value));
        }
      }
      assert.is(refused > 0, title !== "any");
    });

    test(`say where they take more: ${title}`, () => {
      for (const { $ref } of bodySchemas(title) as { $ref: string }[]) {
        const name = $ref.replace("#/components/schemas/", "");
        for (const { components } of [openApi, asyncApi]) {
          const text = JSON.stringify(components.schemas[name]);
          assert.is(/More is checked than this schema tells: [^"]+\./.test(text), wide === "with a comment", text);
        }
      }
    });
  }

  test("tell what a schema tells of itself, and keep to themselves what would decide or is no JSON", () => {
    assert.equal(openApi.components.schemas["Told"], {
      type: "string",
      title: "Told",
      examples: ["a", "b"],
      deprecated: true,
      "x-owner": { team: 1 },
    });
  });

  test("are valid schemas themselves, by the metaschema of their draft", () => {
    for (const [ajv, { components }] of [[ajv2020, openApi], [ajv07, asyncApi]] as const) {
      for (const [name, schema] of Object.entries(components.schemas)) {
        assert.ok(ajv.validateSchema(schema), `${name}: ${ajv.errorsText()}`);
      }
    }
  });
});
