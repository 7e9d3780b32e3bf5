import * as assert from "uvu/assert";
import * as v from "valibot";
import { createContract, type EventDefinition } from "../../mod.ts";
import { compareContracts, type ContractDescription, describeContract } from "../../src/describe/mod.ts";
import { describe } from "../support/suite.ts";
import { breakingChanges } from "./breaking-changes.ts";
import { compatibleChanges } from "./compatible-changes.ts";
import { taking } from "./contract-versions.ts";
import { contractLists, shop } from "./contracts.ts";

function throughJson(description: ContractDescription): ContractDescription {
  return JSON.parse(JSON.stringify(description));
}

describe("compareContracts()", (test) => {
  for (const [title, { previous, next, code }] of Object.entries(breakingChanges)) {
    test(`finds breaking: ${title}`, () => {
      const { compatible, changes } = compareContracts(previous, next);
      assert.not(compatible);
      const found = changes.find((change) => change.code === code);
      assert.is(found?.severity, "breaking", JSON.stringify(changes));
      assert.match(found!.text, /^[A-Z].*[^.]$/);
    });
  }

  for (const [title, { previous, next, code }] of Object.entries(compatibleChanges)) {
    test(`finds compatible: ${title}`, () => {
      const { compatible, changes } = compareContracts(previous, next);
      assert.equal(changes.filter(({ severity }) => severity === "breaking"), []);
      assert.ok(compatible);
      assert.ok(changes.some((change) => change.code === code), JSON.stringify(changes));
    });
  }

  test("has at least 30 changes of each kind to find", () => {
    assert.ok(Object.keys(breakingChanges).length >= 30);
    assert.ok(Object.keys(compatibleChanges).length >= 30);
  });

  test("finds the same in descriptions that have been JSON text", () => {
    for (const { previous, next } of [...Object.values(breakingChanges), ...Object.values(compatibleChanges)]) {
      const described = compareContracts(throughJson(describeContract(previous)), throughJson(describeContract(next)));
      assert.equal(described, compareContracts(previous, next));
    }
  });

  test("finds nothing where nothing has changed, whatever the schemas", () => {
    for (const [title, contracts] of Object.entries(contractLists)) {
      for (const contract of contracts) {
        assert.equal(compareContracts(contract, contract), { compatible: true, changes: [] }, title);
        const kept = throughJson(describeContract(contract));
        assert.equal(compareContracts(kept, contract), { compatible: true, changes: [] }, title);
      }
    }
  });

  test("finds nothing where only words, order and names of parts have changed", () => {
    const part = v.object({ a: v.string(), b: v.picklist(["x", "y"]) });
    const titled = v.pipe(
      v.object({ b: v.pipe(v.picklist(["y", "x"]), v.description("Which")), a: v.string() }),
      v.title("Part"),
    );
    const { previous, next } = taking(
      v.object({ part, parts: v.array(part) }),
      v.object({ parts: v.array(titled), part: titled }),
    );
    assert.equal(compareContracts(previous, next), { compatible: true, changes: [] });
    assert.equal(compareContracts(next, previous), { compatible: true, changes: [] });
  });

  test("names the operation, its kind and the place", () => {
    const version = (most: number) =>
      createContract({
        name: "orders",
        version: "1.0.0",
        requests: {
          place: {
            request: v.object({ lines: v.array(v.object({ count: v.pipe(v.number(), v.maxValue(most)) })) }),
            response: v.object({}),
          },
        },
      });
    assert.equal(compareContracts(version(9), version(5)).changes, [{
      operation: "place",
      kind: "request",
      severity: "breaking",
      code: "REQUEST_NARROWED",
      text: 'Request "place" refuses what callers send: "lines[].count" may be as high as 9, at most 5 is taken',
    }]);
  });

  test("says that the stream has to be edited where one more event gives the limits of all", () => {
    const schema = v.object({ id: v.string() });
    const version = (events: Readonly<Record<string, EventDefinition<never>>>) =>
      createContract({ name: "orders", version: "1.0.0", events });
    const paid = { schema, durable: { maxAgeMs: 60_000 } };
    const released = version({ moved: { schema, durable: true }, shown: { schema } });
    const { changes } = compareContracts(
      released,
      version({ moved: { schema, durable: true }, shown: { schema }, paid }),
    );
    assert.equal(changes.find(({ code }) => code === "STREAM_LIMITS_CHANGED"), {
      operation: "orders",
      kind: "contract",
      severity: "compatible",
      code: "STREAM_LIMITS_CHANGED",
      text:
        'Stream "ORDERS_V1" has to be edited before a server of this version starts: maxAgeMs was not set and is 60000',
    });
    const other = version({ moved: { schema, durable: true }, lost: { schema, durable: true }, shown: { schema } });
    assert.equal(compareContracts(released, other).changes.map(({ code }) => code), ["EVENT_ADDED"]);
  });

  test("says of what it cannot judge that it cannot", () => {
    const { changes } = compareContracts(
      breakingChanges["another pattern"]!.previous,
      breakingChanges["another pattern"]!.next,
    );
    assert.match(changes[0]!.text, /\(cannot be judged\)$/);
    const added = breakingChanges["a new check of its own"]!;
    assert.match(compareContracts(added.previous, added.next).changes[0]!.text, /check \(cannot be judged\)$/);
  });

  test("puts breaking changes first", () => {
    const other = createContract({ name: "shop", version: "3.0.0", roles: { clerk: {} } });
    const severities = compareContracts(shop, other).changes.map(({ severity }) => severity);
    assert.equal(severities, [...severities].sort());
    assert.is(severities[0], "breaking");
  });

  test("refuses what is no description", () => {
    const whole = throughJson(describeContract(shop));
    const broken: unknown[] = [null, 1, [], {}, { ...whole, format: "other" }];
    for (const part of ["name", "version", "roles", "errors", "requests", "events", "schemas"]) {
      broken.push({ ...whole, [part]: 1 }, { ...whole, [part]: { a: 1 } });
    }
    for (const value of broken) {
      assert.throws(() => compareContracts(value as ContractDescription, shop), /^Cannot read a contract: /);
      assert.throws(() => compareContracts(shop, value as ContractDescription), /^Cannot read a contract: /);
    }
  });

  test("ends with schemas that were made to take for ever", () => {
    const parts = Array.from({ length: 60 }, (_, level) => {
      const next = { $ref: `#/schemas/Part${level + 1}` };
      return [`Part${level}`, {
        anyOf: [{ allOf: [next, next] }, { type: "object", properties: { a: next, b: next } }],
      }];
    });
    const describeWith = (schema: object): ContractDescription => ({
      ...throughJson(describeContract(createContract({
        name: "orders",
        version: "1.0.0",
        requests: { place: { request: v.string(), response: v.string() } },
      }))),
      schemas: { ...Object.fromEntries(parts), PlaceRequest: schema as never, PlaceResponse: { type: "string" } },
    });
    const loop = { allOf: [{ $ref: "#/schemas/PlaceRequest" }, { maxLength: 1 }] };
    for (
      const schema of [{ $ref: "#/schemas/Part0" }, loop, { $ref: "#/schemas/PlaceRequest" }, {
        $ref: "#/schemas/nowhere",
      }]
    ) {
      const startedAt = performance.now();
      compareContracts(describeWith(schema), describeWith({ type: "string", maxLength: 3 }));
      compareContracts(describeWith({ type: "string", maxLength: 3 }), describeWith(schema));
      assert.ok(performance.now() - startedAt < 2_000);
    }
  });
});
