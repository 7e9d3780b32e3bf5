import * as assert from "uvu/assert";
import * as v from "valibot";
import { createContract } from "../../mod.ts";
import { describe } from "../support/suite.ts";

const text = v.string();
const ask = { request: text, response: text };

/** Creates a contract as a program without types would. */
function create(definition: Record<string, unknown>): unknown {
  return createContract({ name: "shop", version: "1.0.0", ...definition } as never);
}

function refuses(definition: Record<string, unknown>, message: RegExp): void {
  assert.throws(
    () => create(definition),
    (error: Error) => {
      assert.instance(error, TypeError);
      assert.match(error.message, message);
      return true;
    },
  );
}

describe("createContract()", (test) => {
  test("refuses a name that is no subject token", () => {
    for (const name of ["", "my shop", "my.shop", "*", ">", "café", "a".repeat(129), 7, undefined]) {
      refuses({ name }, /^Cannot name a contract ".*": 1 to 128 letters/);
    }
  });

  test("takes every name that is a subject token", () => {
    for (const name of ["a", "my-shop_2", "A".repeat(128)]) create({ name });
  });

  test("refuses a version that is no semantic version", () => {
    for (const version of ["1", "1.0", "v1.0.0", "1.0.0.0", "01.0.0", "1.0.0-", "-1.0.0", "1.0.0 ", "", 1, undefined]) {
      refuses({ version }, /^Contract "shop" has version ".*": a semantic version such as "1.0.0" is wanted$/);
    }
  });

  test("takes pre-releases and build metadata, and reads the major number", () => {
    const versions = { "0.1.0": 0, "1.2.3-beta.1": 1, "12.0.0+build.5": 12 };
    for (const [version, major] of Object.entries(versions)) {
      assert.is(createContract({ name: "shop", version }).major, major);
    }
  });

  test("refuses an operation name that is no subject token, naming the operation", () => {
    refuses({ requests: { "place order": ask } }, /^Cannot use the name of request "place order"/);
    refuses({ requests: { "": ask } }, /^Cannot use the name of request ""/);
    refuses({ events: { "order.created": text } }, /^Cannot use the name of event "order.created"/);
  });

  test("refuses what is no schema, naming the operation and the place", () => {
    refuses({ requests: { ask: { response: text } } }, /the request schema of request "ask": a Valibot schema/);
    refuses({ requests: { ask: { request: text, response: String } } }, /the response schema of request "ask"/);
    refuses({ events: { told: { schema: {} } } }, /the schema of event "told"/);
    refuses({ errors: { OUT: { data: "string" } } }, /the data of error "OUT"/);
    refuses({ requests: { ask: { request: { "~standard": {} }, response: text } } }, /the request schema of/);
  });

  test("refuses a bad error code, and one of the library's own", () => {
    for (const code of ["outOfStock", "1ST", "", "A B", "A".repeat(65)]) {
      refuses({ errors: { [code]: {} } }, /^Cannot name an error ".*": capitals, digits and "_" are wanted/);
    }
    for (const code of ["TIMEOUT", "INTERNAL"]) {
      refuses({ errors: { [code]: {} } }, new RegExp(`^Cannot name an error "${code}": the library uses that code`));
    }
  });

  test("refuses a status of an error that is none of an error", () => {
    for (const status of [200, 399, 600, 404.5, Number.NaN, "409"]) {
      refuses({ errors: { OUT: { status } } }, /^Error "OUT" has status .*: 400 to 599 is wanted$/);
    }
    create({ errors: { A: { status: 400 }, B: { status: 599 } } });
  });

  test("refuses a timeout that is none, naming the request", () => {
    for (const timeoutMs of [0, -1, Number.NaN, Infinity, 3_600_001, "5000"]) {
      refuses({ requests: { ask: { ...ask, timeoutMs } } }, /^The timeoutMs of request "ask" is .*: more than 0/);
    }
    create({ requests: { ask: { ...ask, timeoutMs: 3_600_000 } } });
  });

  test("refuses an error code that the contract does not have, naming the request", () => {
    refuses(
      { errors: { OUT: {} }, requests: { ask: { ...ask, errors: ["OUT", "SOLD_OUT"] } } },
      /^The request "ask" names error "SOLD_OUT", which is not in the contract's errors$/,
    );
    refuses({ requests: { ask: { ...ask, errors: ["TIMEOUT"] } } }, /names error "TIMEOUT"/);
    refuses({ requests: { ask: { ...ask, errors: ["constructor"] } } }, /names error "constructor"/);
  });
});
