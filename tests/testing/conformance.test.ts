import * as assert from "uvu/assert";
import * as v from "valibot";
import {
  createContract,
  createMessagingServer,
  MemoryBroker,
  MemoryTransport,
  type MessagingServer,
} from "../../mod.ts";
import { createPayloadEncryption } from "../../src/security/mod.ts";
import { conformance, type ConformanceOptions, createTestAuthenticator } from "../../src/testing/mod.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { describe } from "../support/suite.ts";
import { orders } from "./orders.ts";
import { type Defect, defects, servePlainly, tokens } from "./plain-service.ts";

type Orders = typeof orders;

const { authenticate, tokenFor } = createTestAuthenticator();
const ownTokens = { guest: tokenFor(["guest"]), clerk: tokenFor(["clerk"]), manager: tokenFor(["manager"]) };
const encryption = createPayloadEncryption({ keys: { k: btoa("0".repeat(32)) }, current: "k", required: true });
const quick = { timeoutMs: 1_000, secondAnswerMs: 5, count: 40 } as const;

async function startServer(
  transport: MemoryTransport,
  options: Partial<Parameters<typeof createMessagingServer<Orders>>[0]> = {},
): Promise<MessagingServer<Orders>> {
  const server = createMessagingServer({ contract: orders, transport, authenticate, ...options });
  server.registerHandler("placeOrder", ({ sku, quantity }, context) => {
    if (sku.endsWith("3")) throw context.error("OUT_OF_STOCK", { sku });
    return { id: sku, total: quantity };
  });
  server.registerHandler("cancelOrder", () => ({ cancelled: true }));
  server.registerHandler("readPrice", () => ({ price: 1 }));
  await server.start();
  return server;
}

/** What goes wrong: all of it, or the first alone. */
async function failuresOf(options: ConformanceOptions<Orders>, first = false): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const { name, run } of await conformance(orders, { ...quick, ...options })) {
    try {
      await run();
    } catch (error) {
      failures.push(`${name}: ${(error as Error).message}`);
      if (first) break;
    }
  }
  return failures;
}

/** What the first case that fails says of each defect. */
const findings: Readonly<Record<Defect, RegExp>> = {
  "takes quantities of 0":
    /^placeOrder refuses an input .* where "quantity" is below 1: .* with a response in place of INVALID_REQUEST/,
  "refuses quantities of 100": /^placeOrder answers valid input .*"quantity":100.* INVALID_REQUEST .*does not name/,
  "does not look at its input": /^placeOrder refuses an input with INVALID_REQUEST where the value is null/,
  "wants the optional note": /^placeOrder answers valid input .* with INVALID_REQUEST .*does not name/,
  "refuses fields that it does not know": /^placeOrder answers valid input .*"unknownField".* INVALID_REQUEST/,
  "fails for notes that are not ASCII": /^placeOrder answers valid input .* with INTERNAL .*does not name/,
  "takes texts of any form as an SKU": /^placeOrder refuses an input .* where "sku" does not match its pattern/,
  "wraps its response": /^placeOrder answers valid input .* does not fit the contract: .*; it is {"ok":true,/,
  "leaves a field out of its response": /^placeOrder answers valid input .* does not fit the contract: .*"total"/,
  "fails with an error of its own": /^placeOrder answers valid input .* with SOLD_OUT .*does not name/,
  "gives no data with an error": /^placeOrder answers valid input .* OUT_OF_STOCK, whose data does not fit/,
  "gives an error under another status": /OUT_OF_STOCK under the status 404; the contract says 409/,
  "says of errors in the body alone": /does not fit the contract: .*; it is {"code":"OUT_OF_STOCK"/,
  "answers invalid input under the status 422": /INVALID_REQUEST under the status 422 in place of 400/,
  "does not answer invalid input": /with nothing that can be read \(TIMEOUT: .*\) in place of INVALID_REQUEST/,
  "asks nobody for a token": /^placeOrder refuses a caller without a token with UNAUTHENTICATED: .* with a response/,
  "takes any token": /^placeOrder refuses a forged token with UNAUTHENTICATED: .* with a response/,
  "lets guests in": /^placeOrder refuses the role "guest" with FORBIDDEN: .* with a response/,
  "does not let managers place orders": /^placeOrder lets in the role "manager": .* FORBIDDEN/,
  "refuses everybody who has no token": /^readPrice answers valid input 1 .* UNAUTHENTICATED/,
  "dies of a body that is not JSON":
    /^placeOrder refuses a body that is not JSON .* nothing that can be read \(TIMEOUT/,
  "dies after it has refused a body that is not JSON":
    /^placeOrder refuses a body that is not JSON .* answered a valid input after a body that is not JSON with nothing/,
  "answers malformed bodies with INTERNAL": /^placeOrder refuses a body that is not JSON .* with INTERNAL/,
  "does not answer malformed bodies":
    /^placeOrder refuses a body that is not JSON .* nothing that can be read \(TIMEOUT/,
  "reads bodies that are not UTF-8": /^placeOrder refuses a body that is not UTF-8 .* with a response/,
  "reads bodies however deep": /^placeOrder refuses a body that nests deeper than 64 .* with a response/,
  'reads a key "__proto__"': /^placeOrder refuses a body with a key "__proto__" .* with a response/,
  "reads any content type": /^placeOrder refuses a body of another content type .* with a response/,
  "answers twice": /^placeOrder answers once: .* 2 times in place of once/,
  "does not serve cancelOrder": /^cancelOrder answers valid input 1 .* nothing that can be read \(NO_RESPONDERS/,
};

describe("conformance()", (test) => {
  test("finds nothing wrong with a server of this library, also with encryption and under a namespace", async () => {
    for (const options of [{}, { encryption, namespace: "test.one" }]) {
      const transport = new MemoryTransport();
      await using _ = await startServer(transport, options);
      assert.equal(await failuresOf({ transport, tokens: ownTokens, ...options }), []);
    }
  });

  test("finds nothing wrong with a plain service that follows the wire's description", async () => {
    const broker = new MemoryBroker();
    const service = await servePlainly(broker);
    assert.equal(await failuresOf({ transport: () => new MemoryTransport({ broker }), tokens }), []);
    await service.close();
  });

  for (const defect of defects) {
    test(`finds a service that ${defect}`, async () => {
      const broker = new MemoryBroker();
      const service = await servePlainly(broker, defect);
      const [failure = "nothing"] = await failuresOf({ transport: new MemoryTransport({ broker }), tokens }, true);
      assert.match(failure, findings[defect]);
      await service.close();
    });
  }

  test("leaves nothing open, and closes after a case that fails", async () => {
    const broker = new MemoryBroker();
    const transport = new MemoryTransport({ broker });
    const service = await servePlainly(broker, "answers twice");
    await failuresOf({ transport, tokens });
    assert.is(transport.status, "closed");
    await service.close();
  });

  test("names each case by its request, and the same seed gives the same cases", async () => {
    const transport = new MemoryTransport();
    const options = { transport, tokens, seed: 5 };
    const [one, same] = [await conformance(orders, options), await conformance(orders, options)];
    const names = one.map(({ name }) => name);
    assert.equal(names, same.map(({ name }) => name));
    assert.is(new Set(names).size, names.length);
    for (const { name, operation } of one) {
      assert.ok(name.startsWith(`${operation} `) && orders.requests.has(operation));
    }
    assert.ok(names.length > 60, String(names.length));
    assert.is(transport.status, "disconnected");
  });

  test("leaves requests out, takes examples, and accepts refusals by data", async () => {
    const transport = new MemoryTransport();
    await using _ = await startServer(transport, { authorize: ({ data }) => (data as { sku?: string }).sku === "A1" });
    const skip = ["placeOrder", "cancelOrder"] as const;
    const refused = await failuresOf({ transport, skip });
    assert.ok(refused.length > 0);
    assert.match(refused[0]!, /^readPrice .* FORBIDDEN/);
    assert.equal(await failuresOf({ transport, skip, examples: { readPrice: [{ sku: "A1" }] } }), []);
    const accepted = await failuresOf({ transport, skip, accept: ["FORBIDDEN"] });
    assert.ok(accepted.every((failure) => failure.startsWith("readPrice lets in")), accepted.join("\n"));
  });

  test("gives tokens by a function, asked each time", async () => {
    const transport = new MemoryTransport();
    await using _ = await startServer(transport);
    let asked = 0;
    const manager = (): Promise<string> => {
      asked += 1;
      return Promise.resolve(ownTokens.manager);
    };
    assert.equal(await failuresOf({ transport, tokens: { manager } }), []);
    assert.ok(asked > 60, String(asked));
  });

  test("says which request it cannot ask: without a token, or without an input", async () => {
    const transport = new MemoryTransport();
    await expectRejection(conformance(orders, { transport }), {
      message: /^Cannot ask request "placeOrder": no role of `tokens` may use it, which clerk may/,
    });
    await expectRejection(conformance(orders, { transport, tokens: { clerk: "c" } }), {
      message: /^Cannot ask request "cancelOrder"/,
    });
    const secret = v.pipe(v.string(), v.check((text) => text === "open sesame"));
    const contract = createContract({
      name: "cave",
      version: "1.0.0",
      requests: { open: { request: secret, response: v.null() } },
    });
    await expectRejection(conformance(contract, { transport }), { message: /for request "open": .*give some by/ });
    assert.ok((await conformance(contract, { transport, examples: { open: ["open sesame"] } })).length > 0);
  });

  test("finds a service that takes bodies in the open where its callers encrypt", async () => {
    const transport = new MemoryTransport();
    const lax = createPayloadEncryption({ keys: { k: btoa("0".repeat(32)) }, current: "k", required: false });
    await using _ = await startServer(transport, { encryption: lax });
    const failures = await failuresOf({ transport, tokens: ownTokens, encryption });
    assert.is(failures.length, 3);
    for (const failure of failures) assert.match(failure, /refuses a body in the open with DECRYPTION_FAILED/);
  });
});
