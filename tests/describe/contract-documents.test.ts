import * as assert from "uvu/assert";
import * as v from "valibot";
import { createContract } from "../../mod.ts";
import { contractDocuments, describeAsyncApi, describeOpenApi } from "../../src/describe/mod.ts";
import { describe } from "../support/suite.ts";
import { shop } from "./contracts.ts";

describe("contractDocuments()", (test) => {
  test("gives both documents as text, with the options of each", () => {
    const options = {
      title: "Shop",
      url: "https://api.example.com",
      namespace: "prod",
      servers: ["nats://a.example.com"],
    };
    const documents = contractDocuments([shop], options);
    assert.equal(JSON.parse(documents.openApi()), describeOpenApi(shop, options));
    assert.equal(JSON.parse(documents.asyncApi()), describeAsyncApi(shop, options));
  });

  test("looks at no schema before a document is asked for, and then once", () => {
    let looks = 0;
    const schema = v.lazy(() => {
      looks += 1;
      return v.string();
    });
    const contract = createContract({
      name: "ask",
      version: "1.0.0",
      requests: { ask: { request: schema, response: v.string() } },
    });
    const documents = contractDocuments(contract);
    assert.is(looks, 0);
    const text = documents.openApi();
    const once = looks;
    assert.ok(once > 0);
    assert.is(documents.openApi(), text);
    assert.is(looks, once);
  });

  test("refuses at once what no document can be made of", () => {
    assert.throws(() => contractDocuments([]), /at least one is wanted/);
    assert.throws(() => contractDocuments([shop, shop]), /twice/);
    assert.throws(() => contractDocuments(shop, { namespace: "a b" }), /Cannot use namespace/);
    assert.throws(() => contractDocuments(shop, { servers: ["http://a.example.com"] }), /Cannot describe server 1/);
  });
});
