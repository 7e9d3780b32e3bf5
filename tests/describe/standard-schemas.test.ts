import { Ajv2020 } from "ajv/dist/2020.js";
import * as assert from "uvu/assert";
import * as v from "valibot";
import * as z from "zod";
import { createContract, type StandardSchema } from "../../mod.ts";
import { describeAsyncApi, describeOpenApi, type OpenApiDocument } from "../../src/describe/mod.ts";
import { describe } from "../support/suite.ts";
import { byHand } from "./contracts.ts";

function contractOf(request: StandardSchema) {
  return createContract({ name: "ask", version: "1.0.0", requests: { ask: { request, response: v.string() } } });
}

/** A schema whose library writes this JSON Schema. */
function written(jsonSchema: unknown): StandardSchema {
  const input = (): unknown => {
    if (jsonSchema instanceof Error) throw jsonSchema;
    return jsonSchema;
  };
  return {
    "~standard": { ...byHand["~standard"], jsonSchema: { input, output: input } } as StandardSchema["~standard"],
  };
}

function requestSchemas({ components }: OpenApiDocument): Record<string, unknown> {
  return Object.fromEntries(Object.entries(components.schemas).filter(([name]) => name.startsWith("AskRequest")));
}

const undescribed = { AskRequest: { description: 'Checked by a schema of "by-hand", which has no JSON Schema.' } };

describe("A schema of another library", (test) => {
  test("is described by its own JSON Schema, in the draft of the document", () => {
    const asked: unknown[] = [];
    const schema = written({ type: "string" });
    const { input } = (schema["~standard"] as unknown as { jsonSchema: { input: () => unknown } }).jsonSchema;
    Object.assign((schema["~standard"] as unknown as { jsonSchema: object }).jsonSchema, {
      input: (options: unknown) => {
        asked.push(options);
        return input();
      },
    });
    assert.equal(requestSchemas(describeOpenApi(contractOf(schema))), { AskRequest: { type: "string" } });
    assert.equal(describeAsyncApi(contractOf(schema)).components.schemas["AskRequest"], { type: "string" });
    assert.equal(asked, [{ target: "draft-2020-12" }, { target: "draft-07" }]);
  });

  test("takes and refuses what Zod does, the parts of the schema moved into the document", () => {
    const node = z.object({
      name: z.string().min(2),
      get children() {
        return z.array(node);
      },
    });
    const pair = z.object({ left: node, right: node, at: z.iso.datetime().transform((text) => new Date(text)) });
    const document = describeOpenApi(contractOf(pair));
    const ajv = new Ajv2020({ strict: false, validateFormats: false }).addSchema(document, "document");
    const check = ajv.compile({ $ref: "document#/components/schemas/AskRequest" });
    const leaf = { name: "ab", children: [] };
    const at = "2026-11-24T10:00:00Z";
    const cases: readonly (readonly [unknown, boolean])[] = [
      [{ left: leaf, right: { name: "ab", children: [leaf] }, at }, true],
      [{ left: leaf, right: { name: "ab", children: [{ name: "a", children: [] }] }, at }, false],
      [{ left: leaf, at }, false],
      [{ left: leaf, right: leaf, at: 5 }, false],
    ];
    for (const [value, taken] of cases) {
      assert.is(pair.safeParse(value).success, taken);
      assert.is(check(value), taken, JSON.stringify(value));
    }
  });

  test("has its references moved, escaped ones too", () => {
    const schema = written({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      $id: "https://example.com/own",
      type: "object",
      properties: {
        self: { $ref: "#" },
        "a/b": { $ref: "#/$defs/part~1one" },
        deep: { $ref: "#/$defs/part~1one/properties/x" },
        place: { $ref: "#/properties/a~1b" },
        // Data, not a reference.
        constant: { const: { $ref: "#/$defs/nowhere" } },
      },
      $defs: { "part/one": { type: "object", properties: { x: { type: "number" } } }, yes: true, no: false },
    });
    const prefix = "#/components/schemas/AskRequest";
    assert.equal(requestSchemas(describeOpenApi(contractOf(schema))), {
      AskRequest: {
        type: "object",
        properties: {
          self: { $ref: prefix },
          "a/b": { $ref: `${prefix}PartOne` },
          deep: { $ref: `${prefix}PartOne/properties/x` },
          place: { $ref: `${prefix}/properties/a~1b` },
          constant: { const: { $ref: "#/$defs/nowhere" } },
        },
      },
      AskRequestPartOne: { type: "object", properties: { x: { type: "number" } } },
    });
  });

  test("is described by nothing, which is said, where it has no JSON Schema or none that can be moved", () => {
    const cycle: Record<string, unknown> = {};
    cycle["properties"] = { cycle };
    const hostile: readonly unknown[] = [
      new Error("Map cannot be represented in JSON Schema"),
      undefined,
      "a schema",
      [],
      cycle,
      { minimum: 1n },
      { $ref: "https://example.com/other.json" },
      { properties: { a: { $ref: "#/$defs/nowhere" } } },
      { properties: { a: { $ref: "#%" } } },
      { properties: { a: { $ref: "#/$defs/%FF" } }, $defs: { "%FF": {} } },
      { properties: { a: { $ref: "#named" } }, $defs: { a: { $anchor: "named" } } },
      { $dynamicRef: "#node", $defs: { node: { $dynamicAnchor: "node" } } },
      { properties: { a: { $id: "https://example.com/a", $ref: "#/$defs/b", $defs: { b: {} } } } },
    ];
    for (const jsonSchema of hostile) {
      assert.equal(requestSchemas(describeOpenApi(contractOf(written(jsonSchema)))), undescribed);
    }
    assert.equal(requestSchemas(describeOpenApi(contractOf(byHand))), undescribed);
    assert.equal(requestSchemas(describeOpenApi(contractOf(written(true)))), { AskRequest: {} });
    assert.equal(requestSchemas(describeOpenApi(contractOf(written(false)))), { AskRequest: { not: {} } });
  });

  test("is asked whether nothing may be sent, since it cannot be looked into", () => {
    const answers = (validate: StandardSchema["~standard"]["validate"]): StandardSchema => ({
      "~standard": { version: 1, vendor: "by-hand", validate },
    });
    const issues = [{ message: "no" }];
    const cases: readonly (readonly [StandardSchema, boolean])[] = [
      [answers((value) => value === undefined ? { value } : { issues }), false],
      [answers((value) => value === undefined ? { issues } : { value }), true],
      [
        answers(() => {
          throw new Error("never");
        }),
        true,
      ],
      [answers(() => Promise.reject(new Error("later"))), false],
      [z.string().optional(), false],
      [z.string(), true],
    ];
    for (const [schema, required] of cases) {
      const { requestBody } = describeOpenApi(contractOf(schema)).paths["/ask/v1/ask"]!.post!;
      assert.is(requestBody!.required, required);
    }
  });
});
