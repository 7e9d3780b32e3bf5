import * as assert from "uvu/assert";
import { describeAsyncApi, describeOpenApi } from "../../src/describe/mod.ts";
import { describe } from "../support/suite.ts";
import { contractLists, shop } from "./contracts.ts";
import { asyncApiProblems, danglingReferences, openApiProblems } from "./document-checks.ts";
import { findDescribeTools } from "./tools.ts";

const timeoutMs = 60_000;

describe("describeOpenApi()", (test) => {
  for (const [title, contracts] of Object.entries(contractLists)) {
    test(`gives what the official schema of OpenAPI 3.1 takes, for contracts ${title}`, { timeoutMs }, async () => {
      const document = describeOpenApi(contracts);
      assert.equal(await openApiProblems(document), { version: "3.1", problems: [] });
      assert.equal(danglingReferences(document), []);
      assert.equal(JSON.parse(JSON.stringify(document)), document);
      assert.equal(describeOpenApi(contracts), document, "It is not the same each time");
    });
  }

  test("gives each operation an identifier of its own that is a name in any language", () => {
    for (const [title, contracts] of Object.entries(contractLists)) {
      const { paths, components } = describeOpenApi(contracts);
      const operations = Object.values(paths).flatMap(({ get, post }) =>
        [get, post].filter((one) => one !== undefined)
      );
      const names = operations.map(({ operationId }) => operationId);
      for (const name of names) assert.match(name, /^[A-Za-z_][A-Za-z0-9_]*$/);
      for (const list of [names, Object.keys(components.schemas)]) {
        assert.is(new Set(list.map((name) => name.toLowerCase())).size, list.length, `${title}: ${list.join(" ")}`);
      }
    }
  });

  test("is checked by a schema that knows OpenAPI 3.1", async () => {
    const document = describeOpenApi(shop);
    const { post } = document.paths["/shop/v2/placeOrder"]!;
    const wrong: Readonly<Record<string, unknown>> = {
      "a path without a slash": { ...document, paths: { "shop/v2/placeOrder": { post } } },
      "an unknown field": { ...document, paths: { "/a": { post: { ...post, body: {} } } } },
      "a response without a description": {
        ...document,
        paths: { "/a": { post: { ...post, responses: { 200: {} } } } },
      },
      "no version": { ...document, info: { title: "shop" } },
      // What OpenAPI 3.0 had, and what it had not.
      "no routes at all": { openapi: "3.1.1", info: document.info },
      "a parameter that is nowhere": {
        ...document,
        paths: { "/a": { post: { ...post, parameters: [{ name: "a", in: "body", schema: {} }] } } },
      },
    };
    for (const [title, changed] of Object.entries(wrong)) {
      const { version, problems } = await openApiProblems(changed);
      assert.is(version, "3.1");
      assert.ok(problems.length > 0, title);
    }
    const webhooks = {
      ...document,
      paths: undefined,
      webhooks: { told: { post } },
      jsonSchemaDialect: "https://a.example/",
    };
    assert.equal(await openApiProblems(JSON.parse(JSON.stringify(webhooks))), { version: "3.1", problems: [] });
  });
});

let whyNot: string | undefined;
try {
  findDescribeTools();
} catch (error) {
  whyNot = (error as Error).message;
}

describe("describeAsyncApi()", (test) => {
  for (const [title, contracts] of Object.entries(contractLists)) {
    const name = `gives what the official parser of AsyncAPI takes, for contracts ${title}`;
    if (whyNot !== undefined) {
      test.skip(name, whyNot);
      continue;
    }
    test(name, { timeoutMs }, async () => {
      const document = describeAsyncApi(contracts, {
        namespace: "prod.eu",
        servers: ["nats://a.example.com", "wss://b.example.com:8443/nats"],
        authentication: ["userPassword", "token", "nkey", "jwt", "certificate"],
      });
      const { parsed, problems } = await asyncApiProblems(findDescribeTools(), document);
      assert.equal(problems, []);
      assert.is(parsed!.version(), "3.0.0");
      const requests = contracts.flatMap((contract) => [...contract.requests.keys()]);
      const events = contracts.flatMap((contract) => [...contract.events.keys()]);
      const operations = parsed!.operations().all();
      assert.is(operations.length, requests.length + events.length);
      assert.is(operations.filter((operation) => operation.reply() !== undefined).length, requests.length);
      assert.ok(operations.every((operation) => operation.channels().all().length === 1));
      for (const { address, parameters = {} } of Object.values(document.channels)) {
        const named = [...address?.matchAll(/\{([A-Za-z0-9_-]+)\}/g) ?? []].map((match) => match[1]);
        assert.equal(named, Object.keys(parameters));
      }
      assert.equal(danglingReferences(document), []);
      assert.equal(JSON.parse(JSON.stringify(document)), document);
    });
  }

  if (whyNot !== undefined) {
    test.skip("is checked by a parser that knows AsyncAPI 3.0", whyNot);
  } else {
    test("is checked by a parser that knows AsyncAPI 3.0", { timeoutMs }, async () => {
      const document = describeAsyncApi(shop);
      const { channels, operations, components } = document;
      const channel = "shop.v2.request.placeOrder";
      const operation = operations["receivePlaceOrder"]!;
      const changeOperation = (change: object): object => ({
        ...document,
        operations: { ...operations, receivePlaceOrder: { ...operation, ...change } },
      });
      const wrong: Readonly<Record<string, readonly [changed: unknown, problem: RegExp]>> = {
        "a channel that is nowhere": [changeOperation({ channel: { $ref: "#/channels/nowhere" } }), /invalid-ref/],
        "an action of AsyncAPI 2": [changeOperation({ action: "publish" }), /receivePlaceOrder\/action/],
        "a message of another channel": [
          changeOperation({ messages: [{ $ref: `#/channels/${channel}.reply/messages/LibraryError` }] }),
          /must be a subset|Operation message does not belong/i,
        ],
        "an unknown binding of NATS": [changeOperation({ bindings: { nats: { subject: "a" } } }), /bindings\/nats/],
        "a parameter from nowhere": [
          {
            ...document,
            channels: { ...channels, [channel]: { ...channels[channel], parameters: { where: { location: "here" } } } },
          },
          /parameters\/where/,
        ],
        "a schema that is none": [
          { ...document, components: { ...components, schemas: { ...components.schemas, A: { type: "text" } } } },
          /schemas\/A/,
        ],
      };
      for (const [title, [changed, problem]] of Object.entries(wrong)) {
        const { problems } = await asyncApiProblems(findDescribeTools(), changed);
        assert.match(problems.join("\n"), problem, title);
      }
    });
  }
});
