// What a gateway answers is what the document says that it answers.
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import * as assert from "uvu/assert";
import { type Authenticate, type Contract, MemoryBroker, MemoryTransport } from "../../mod.ts";
import { describeOpenApi, type OpenApiOperation, type OpenApiResponse } from "../../src/describe/mod.ts";
import { createGateway, type GatewayLimits } from "../../src/gateway/mod.ts";
import { describe } from "../support/suite.ts";
import { contractLists, shop } from "./contracts.ts";
import { openShopGateway } from "./shop-gateway.ts";

const document = describeOpenApi(shop);
const ajv = addFormats.default(new Ajv2020({ strict: false })).addSchema(document, "document");
const url = "http://gateway.example";

interface Sent {
  readonly path?: string;
  readonly token?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: "GET" | "POST";
}

function requestOf({ path = "placeOrder", token = "clerk", body, headers, method = "POST" }: Sent): Request {
  const type = body === undefined ? {} : { "Content-Type": "application/json" };
  const authorization = token === "" ? {} : { Authorization: `Bearer ${token}` };
  return new Request(`${url}/shop/v2/${path}`, {
    method,
    headers: { ...type, ...authorization, ...headers },
    ...(body === undefined ? {} : { body }),
  });
}

function operationAt(request: Request): OpenApiOperation {
  const path = document.paths[new URL(request.url).pathname]!;
  return request.method === "GET" ? path.get! : path.post!;
}

/** Checks an answer against what the operation says of its status. */
async function checkAnswer(operation: OpenApiOperation, response: Response): Promise<void> {
  const told = operation.responses[response.status] ?? operation.responses["default"]!;
  const { content, headers = {} } = "$ref" in told
    ? document.components.responses[told.$ref.replace("#/components/responses/", "")]!
    : told as OpenApiResponse;
  if (response.status === 401) assert.ok(response.headers.has("WWW-Authenticate") && "WWW-Authenticate" in headers);
  if (response.headers.has("Retry-After")) assert.ok("Retry-After" in headers, "Retry-After is not told of");
  const text = await response.text();
  if (content === undefined) return assert.is(text, "");
  const type = response.headers.get("Content-Type")!;
  const told$ = content[type];
  assert.ok(told$, `${type} is not told of`);
  // With the reference alone, a schema of the document is reached as a reader of it reaches it.
  const schema = JSON.parse(JSON.stringify(told$.schema).replaceAll('"#/', '"document#/'));
  assert.ok(ajv.validate(schema, JSON.parse(text)), `${text}: ${ajv.errorsText()}`);
}

const order = (sku: string): string => JSON.stringify({ sku, quantity: 1 });
const answers: Readonly<
  Record<string, Sent & { status: number; code?: string; isOther?: true; limits?: GatewayLimits }>
> = {
  "a result": { body: order("A1"), status: 200 },
  "a result without a body": { path: "ring", body: "{}", token: "", status: 204 },
  "no result": { path: "events", body: "{}", token: "manager", status: 204 },
  "a request without a body": { path: "listOrders", token: "auditor", status: 200 },
  "a request that has none": { path: "openingHours", token: "", status: 200 },
  "a value that does not fit": { body: `{"sku":1}`, status: 400, code: "INVALID_REQUEST" },
  "what is no JSON": { body: "{", status: 400, code: "MALFORMED_MESSAGE" },
  "nobody": { body: order("A1"), token: "", status: 401, code: "UNAUTHENTICATED" },
  "a role that may not": { body: order("A1"), token: "auditor", status: 403, code: "FORBIDDEN" },
  "an error of the contract": { body: order("none"), status: 409, code: "OUT_OF_STOCK" },
  "another with its status": { body: order("dear"), status: 409, code: "PRICE_CHANGED" },
  "an error of the contract with the status of the gateway's": { body: order("often"), status: 429, code: "TOO_OFTEN" },
  "a body that is too large": {
    body: order("a".repeat(200)),
    status: 413,
    code: "PAYLOAD_TOO_LARGE",
    limits: { bodyBytes: 100 },
  },
  "a body of another type": {
    body: order("A1"),
    headers: { "Content-Type": "text/plain" },
    status: 415,
    code: "UNSUPPORTED",
  },
  "a failure": { body: order("broken"), status: 500, code: "INTERNAL" },
  "an answer that does not fit": { body: order("wrong"), status: 502, code: "INVALID_RESPONSE" },
  "no answer in time": { body: order("slow"), headers: { "Request-Timeout-Ms": "30" }, status: 504, code: "TIMEOUT" },
  "headers that are too large": {
    body: order("A1"),
    headers: { "X-Large": "a".repeat(500) },
    status: 431,
    code: "PAYLOAD_TOO_LARGE",
    isOther: true,
    limits: { headerBytes: 400 },
  },
  "an event that there is not": { method: "GET", path: "events?name=nothing", status: 404, code: "NO_RESPONDERS" },
  "a parameter that there is not": {
    method: "GET",
    path: "events?name=orderMoved&a=b",
    status: 400,
    code: "INVALID_EVENT",
  },
  "events of others": { method: "GET", path: "events?name=stockTaken", status: 403, code: "FORBIDDEN" },
  "a last event that there is not": {
    method: "GET",
    path: "events?name=closed",
    headers: { "Last-Event-ID": "what?" },
    status: 400,
    code: "INVALID_REQUEST",
  },
};

describe("The answer of a gateway is one that its document tells of", (test) => {
  for (const [title, { status, code, isOther = false, limits, ...sent }] of Object.entries(answers)) {
    test(`for ${title}: ${status} ${code ?? ""}`, async () => {
      const broker = new MemoryBroker();
      await using stage = await openShopGateway(
        () => new MemoryTransport({ broker }),
        limits === undefined ? {} : { limits },
      );
      const request = requestOf(sent);
      const response = await stage.gateway.fetch(request);
      assert.is(response.status, status, await response.clone().text());
      const operation = operationAt(request);
      assert.is(status in operation.responses, !isOther);
      if (code !== undefined) assert.is((await response.clone().json()).code, code);
      await checkAnswer(operation, response);
    });
  }

  test("for a caller whose quota is used up: 429 BUSY", async () => {
    const broker = new MemoryBroker();
    const limits = { ratePerIdentity: { requests: 1, windowMs: 60_000 } };
    await using stage = await openShopGateway(() => new MemoryTransport({ broker }), { limits });
    await (await stage.gateway.fetch(requestOf({ body: order("A1") }))).text();
    const request = requestOf({ body: order("A1") });
    const response = await stage.gateway.fetch(request);
    assert.is(response.status, 429);
    assert.ok(response.headers.has("Retry-After"));
    await checkAnswer(operationAt(request), response);
  });

  test("for a service that is away, and for a gateway that is: 503", async () => {
    const broker = new MemoryBroker();
    await using stage = await openShopGateway(() => new MemoryTransport({ broker }));
    await stage.server.stop({ graceMs: 0 });
    const request = requestOf({ body: order("A1") });
    const response = await stage.gateway.fetch(request);
    assert.is(response.status, 503);
    await checkAnswer(operationAt(request), response);
    await stage.gateway.stop({ graceMs: 0 });
    const stopped = await stage.gateway.fetch(requestOf({ body: order("A1") }));
    assert.is(stopped.status, 503);
    assert.ok(stopped.headers.has("Retry-After"));
    await checkAnswer(operationAt(request), stopped);
  });

  test("for an event stream, by each of its parameters", async () => {
    const broker = new MemoryBroker();
    await using stage = await openShopGateway(() => new MemoryTransport({ broker }));
    const operation = document.paths["/shop/v2/events"]!.get!;
    const queries = [
      "name=closed",
      "name=orderMoved&region=eu&id=7",
      "name=stockTaken&shelf+no=3",
      "filter=orderMoved.eu.*.*",
    ];
    const named = operation.parameters.flatMap((parameter) => "name" in parameter ? [parameter.name] : []);
    for (const query of queries) {
      for (const name of new URLSearchParams(query).keys()) assert.ok(named.includes(name), name);
      const token = query.includes("stockTaken") ? "auditor" : "clerk";
      const response = await stage.gateway.fetch(requestOf({ method: "GET", path: `events?${query}`, token }));
      assert.is(response.status, 200);
      assert.match(response.headers.get("Content-Type")!, /^text\/event-stream;/);
      await response.body!.cancel();
    }
  });
});

describe("The routes of a gateway are those that its document tells of", (test) => {
  for (const [title, contracts] of Object.entries(contractLists)) {
    test(`for contracts ${title}`, async () => {
      const gateway = gatewayOf(contracts);
      const { paths } = describeOpenApi(contracts);
      for (const [path, { get, post }] of Object.entries(paths)) {
        const response = await gateway.fetch(new Request(url + path, { method: "OPTIONS" }));
        const methods = [...get === undefined ? [] : ["GET"], ...post === undefined ? [] : ["POST"], "OPTIONS"];
        assert.is(response.headers.get("Allow"), methods.join(", "), path);
      }
      const count = contracts.reduce((sum, { requests, events }) => sum + requests.size + Math.min(1, events.size), 0);
      assert.is(Object.values(paths).flatMap((path) => Object.keys(path)).length, count);
      await gateway.stop();
    });
  }
});

function gatewayOf(contracts: readonly Contract[]) {
  const authenticate: Authenticate = () => undefined;
  return createGateway({ contracts, transport: new MemoryTransport(), authenticate });
}
