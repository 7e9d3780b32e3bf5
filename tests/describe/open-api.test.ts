import * as assert from "uvu/assert";
import * as v from "valibot";
import { createContract } from "../../mod.ts";
import {
  describeOpenApi,
  type JsonSchema,
  type OpenApiOperation,
  type OpenApiResponse,
} from "../../src/describe/mod.ts";
import { describe } from "../support/suite.ts";
import { byHand, contractLists, shop } from "./contracts.ts";

const document = describeOpenApi(shop, { url: "https://api.example.com/" });
const { paths, components } = document;
const placeOrder = paths["/shop/v2/placeOrder"]!.post!;
const listOrders = paths["/shop/v2/listOrders"]!.post!;
const openingHours = paths["/shop/v2/openingHours"]!.post!;
const ring = paths["/shop/v2/ring"]!.post!;
const listen = paths["/shop/v2/events"]!.get!;

function component(name: string): JsonSchema {
  return components.schemas[name]!;
}

function statuses(operation: OpenApiOperation): string {
  return Object.keys(operation.responses).join(" ");
}

function problem(operation: OpenApiOperation, status: number): JsonSchema {
  const response = operation.responses[status] as OpenApiResponse;
  return response.content!["application/problem+json"]!.schema;
}

describe("describeOpenApi()", (test) => {
  test("gives each request a route and the events of a contract one, also beside a request of that name", () => {
    assert.equal(Object.entries(paths).map(([path, methods]) => `${path} ${Object.keys(methods).join(" ")}`), [
      "/shop/v2/placeOrder post",
      "/shop/v2/listOrders post",
      "/shop/v2/openingHours post",
      "/shop/v2/ring post",
      "/shop/v2/events post get",
    ]);
  });

  test("takes title, version and description from the contract or from its options", () => {
    assert.equal(document.info, { title: "shop", version: "2.3.0" });
    assert.equal(document.servers, [{ url: "https://api.example.com" }]);
    assert.equal(describeOpenApi(shop, { title: "Shop", version: "7", description: "Sells." }).info, {
      title: "Shop",
      version: "7",
      description: "Sells.",
    });
    const other = createContract({ name: "other", version: "1.0.0" });
    assert.equal(describeOpenApi([shop, other]).info, { title: "shop, other", version: "shop 2.3.0, other 1.0.0" });
    assert.not("servers" in describeOpenApi(other));
  });

  test("tells a request: what it is called, what it does, who may, and what it carries", () => {
    assert.is(placeOrder.operationId, "placeOrder");
    assert.is(placeOrder.summary, "Places an order");
    assert.is(placeOrder.description, "Places an order. It is paid later.");
    assert.equal([openingHours.summary, openingHours.description], ["When it is open", undefined]);
    assert.equal([ring.summary, ring.description], [undefined, undefined]);
    assert.equal(placeOrder.tags, ["shop"]);
    assert.equal([placeOrder["x-idempotent"], listOrders["x-idempotent"]], [false, true]);
    assert.equal(placeOrder.requestBody, {
      required: true,
      content: { "application/json": { schema: { $ref: "#/components/schemas/PlaceOrderRequest" } } },
    });
    assert.equal(component("PlaceOrderRequest"), {
      type: "object",
      properties: { sku: { type: "string" }, quantity: { type: "integer", minimum: 1 } },
      required: ["sku", "quantity"],
    });
    const { description, content } = placeOrder.responses[200] as OpenApiResponse;
    assert.is(description, "The answer.");
    assert.equal(content, { "application/json": { schema: { $ref: "#/components/schemas/PlaceOrderResponse" } } });
  });

  test("tells of the headers of a request, with the contract's own deadline", () => {
    const [key, timeout] = placeOrder.parameters;
    assert.equal(key, { $ref: "#/components/parameters/IdempotencyKey" });
    const { schema } = components.parameters["IdempotencyKey"]!;
    const pattern = new RegExp(schema["pattern"] as string, "u");
    for (const good of ["a", "!~", "0".repeat(128)]) assert.ok(pattern.test(good));
    for (const bad of ["", "a b", "ä", "\t"]) assert.not(pattern.test(bad));
    assert.equal([schema["minLength"], schema["maxLength"]], [1, 128]);
    assert.is((timeout as { name: string }).name, "Request-Timeout-Ms");
    assert.equal((timeout as { schema: unknown }).schema, { type: "integer", minimum: 1, default: 3_000 });
    assert.equal((ring.parameters[1] as { schema: JsonSchema }).schema["default"], 5_000);
  });

  test("says where no body may be sent or answered", () => {
    assert.is(listOrders.requestBody?.required, false);
    assert.not("requestBody" in openingHours);
    assert.match(statuses(placeOrder), /^200 400 /);
    assert.match(statuses(ring), /^204 400 /);
    assert.match(statuses(paths["/shop/v2/events"]!.post!), /^200 204 400 /);
    assert.not("OpeningHoursRequest" in components.schemas);
    assert.not("RingResponse" in components.schemas);
  });

  test("says what travels: a schema's input", () => {
    assert.equal(component("ListOrdersRequest"), {
      type: "object",
      properties: { since: { type: "string", format: "date-time" } },
      required: ["since"],
    });
  });

  test("lists a request's failures by status, and 401 and 403 only where not everyone may", () => {
    assert.is(statuses(placeOrder), "200 400 401 403 408 409 413 415 429 500 502 503 504 default");
    assert.is(statuses(listOrders), "200 400 401 403 408 413 415 429 500 502 503 504 default");
    assert.is(statuses(openingHours), "200 400 429 500 502 503 504 default");
    assert.is(statuses(listen), "200 400 401 403 404 429 500 503 default");
    assert.equal(placeOrder.responses[503], { $ref: "#/components/responses/Unavailable" });
    assert.equal(listOrders.responses[429], { $ref: "#/components/responses/TooManyRequests" });
  });

  test("types the errors that a request names, those of one status apart by their code", () => {
    assert.equal(problem(placeOrder, 409), {
      oneOf: [{ $ref: "#/components/schemas/OutOfStockProblem" }, { $ref: "#/components/schemas/PriceChangedProblem" }],
      discriminator: {
        propertyName: "code",
        mapping: {
          OUT_OF_STOCK: "#/components/schemas/OutOfStockProblem",
          PRICE_CHANGED: "#/components/schemas/PriceChangedProblem",
        },
      },
    });
    const [base, own] = component("OutOfStockProblem")["allOf"] as unknown as JsonSchema[];
    assert.equal(base, { $ref: "#/components/schemas/Problem" });
    const { type, status, code, data } = own!["properties"] as Record<string, JsonSchema>;
    assert.is(type!["const"], "urn:problem-type:magicbutton:OUT_OF_STOCK");
    assert.is(status!["const"], 409);
    assert.is(code!["const"], "OUT_OF_STOCK");
    assert.equal(data, { $ref: "#/components/schemas/OutOfStockData" });
    assert.equal(own!["required"], ["code", "data"]);
    assert.is(component("OutOfStockProblem")["description"], "There is less of it than was asked for.");
    assert.not("NeverNamedProblem" in components.schemas);
  });

  test("keeps the library's failure of a status beside a contract's own", () => {
    const refs = (problem(placeOrder, 429)["oneOf"] as unknown as { $ref: string }[]).map(({ $ref }) => $ref);
    assert.equal(refs, ["#/components/schemas/TooOftenProblem", "#/components/schemas/BusyProblem"]);
    const { headers, description } = placeOrder.responses[429] as OpenApiResponse;
    assert.equal(Object.keys(headers!), ["Retry-After", "RateLimit", "RateLimit-Policy"]);
    assert.is(description, "Too many orders Or: The caller's quota is used up.");
  });

  test("wants a token where not everyone may, takes one where everyone may, and says which roles may", () => {
    assert.equal(placeOrder.security, [{ bearer: [] }]);
    assert.equal(openingHours.security, [{}, { bearer: [] }]);
    assert.equal(placeOrder["x-roles"], ["clerk", "manager"]);
    assert.equal(listOrders["x-roles"], ["manager", "auditor"]);
    assert.not("x-roles" in openingHours);
    assert.equal(Object.keys(components.securitySchemes!), ["bearer"]);
    const open = describeOpenApi(createContract({
      name: "open",
      version: "1.0.0",
      requests: { ask: { request: v.string(), response: v.string() } },
    }));
    assert.not("security" in open.paths["/open/v1/ask"]!.post!);
    assert.not("securitySchemes" in open.components);
    assert.not("Unauthenticated" in open.components.responses);
  });

  test("tells of the events of a contract in one operation", () => {
    assert.is(listen.operationId, "streamShopEvents");
    const parameters = listen.parameters.map((parameter) =>
      "name" in parameter
        ? [parameter.in, parameter.name, parameter.required ?? false, parameter.schema]
        : parameter.$ref
    );
    // Not `name`: the route has that parameter itself.
    assert.equal(parameters, [
      ["query", "name", false, { type: "string", enum: ["orderMoved", "stockTaken", "closed"] }],
      ["query", "filter", false, { type: "string", examples: ["orderMoved.eu.*"] }],
      ["query", "from", false, { type: "string", examples: ["all", "42", "2026-11-24T10:00:00Z"] }],
      ["query", "region", false, { enum: ["eu", "us"], type: "string" }],
      // A number in one event and a text in the other.
      ["query", "id", false, { type: "string" }],
      ["query", "shelf no", false, { type: "string" }],
      "#/components/parameters/LastEventId",
    ]);
    assert.equal(listen.security, [{}, { bearer: [] }]);
    assert.not("x-roles" in listen);
    const { content } = listen.responses[200] as OpenApiResponse;
    assert.equal(content, { "text/event-stream": { schema: { $ref: "#/components/schemas/ShopEventStream" } } });
    assert.is(component("ShopEventStream")["type"], "string");
  });

  test("tells of each event: its schema, its parameters, who may listen", () => {
    const events = listen["x-events"]!;
    assert.equal(Object.keys(events), ["orderMoved", "stockTaken", "closed", "gateway.reset", "gateway.end"]);
    assert.equal(events["orderMoved"], {
      description: "An order went somewhere.",
      schema: { $ref: "#/components/schemas/OrderMovedEvent" },
      parameters: ["region", "id", "name"],
      roles: ["clerk", "manager"],
    });
    assert.equal(events["closed"], { parameters: [] });
    assert.equal(events["gateway.end"]!.schema, { $ref: "#/components/schemas/LibraryProblem" });
    const guarded = createContract({
      name: "guarded",
      version: "1.0.0",
      roles: { clerk: {}, auditor: {} },
      events: {
        a: { schema: v.string(), access: { subscribe: ["auditor"] } },
        b: { schema: v.string(), access: { subscribe: ["clerk"] } },
      },
    });
    const operation = describeOpenApi(guarded).paths["/guarded/v1/events"]!.get!;
    assert.equal(operation["x-roles"], ["clerk", "auditor"]);
    assert.equal(operation.security, [{ bearer: [] }]);
  });

  test("has no component that no route refers to", () => {
    const text = JSON.stringify(document);
    for (const [kind, parts] of Object.entries(components).filter(([name]) => name !== "securitySchemes")) {
      for (const name of Object.keys(parts)) {
        assert.ok(text.includes(`"#/components/${kind}/${name}"`), `${kind} ${name}`);
      }
    }
    const quiet = describeOpenApi(createContract({
      name: "quiet",
      version: "1.0.0",
      requests: { ask: { request: v.void(), response: v.void() } },
    }));
    assert.not("LastEventId" in quiet.components.parameters);
    assert.not("UnsupportedBody" in quiet.components.responses);
  });

  test("writes behind the contract what several contracts call the same", () => {
    const contract = (name: string, version = "1.0.0") =>
      createContract({
        name,
        version,
        requests: {
          find: { request: v.string(), response: v.string() },
          [`only-${name}`]: { request: byHand, response: byHand },
        },
      });
    const { paths: both, tags } = describeOpenApi([contract("a"), contract("b"), contract("b", "2.0.0")]);
    assert.equal(Object.values(both).map(({ post }) => post!.operationId), [
      "aFind",
      "onlyA",
      "bV1Find",
      "bV1OnlyB",
      "bV2Find",
      "bV2OnlyB",
    ]);
    assert.equal(tags.map(({ name }) => name), ["a", "b v1", "b v2"]);
  });

  test("lets a schema stand apart that stands in itself, or has a title, under a name that nothing else has", () => {
    const { schemas } = describeOpenApi(contractLists["with schemas that stand in others"]!).components;
    const reference = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });
    const fields = (name: string): unknown => schemas[name]!["properties"];
    // A schema of a request is called by the request, also where it stands in others.
    assert.equal(fields("PlantRequest"), {
      name: { type: "string" },
      children: { type: "array", items: reference("PlantRequest") },
    });
    assert.equal(fields("PlantResponse"), { tree: reference("PlantRequest"), sku: reference("Sku") });
    assert.equal(fields("WrongData"), { where: reference("PlantRequest"), sku: reference("Sku") });
    assert.equal(fields("GrownEvent"), { of: reference("GrownEventPart") });
    assert.equal(fields("GrownEventPart"), { inner: reference("PlantRequest") });
    assert.equal(schemas["Sku"], { type: "string", minLength: 2, title: "SKU", description: "The number of a thing" });
    // Two titles that are the same, and one that is the name of the document's own schema of an error.
    assert.equal([schemas["ClashResponse"], schemas["Sku2"]], [reference("Sku2"), { type: "string", title: "SKU" }]);
    assert.equal(schemas["ClashRequest"], reference("WrongProblem2"));
    assert.is(schemas["WrongProblem2"]!["title"], "Wrong problem");
    assert.is(schemas["WrongProblem"]!["description"], "WRONG");
  });

  test("refuses no contract, and one of one name and major version twice", () => {
    assert.throws(() => describeOpenApi([]), /^Cannot describe no contract: at least one is wanted$/);
    assert.throws(() => describeOpenApi([shop, shop]), /^Cannot describe version 2 of contract "shop" twice$/);
  });

  test("gives the contract's own schemas away to nobody", () => {
    const picklist = ["a", "b"] as const;
    const options = createContract({
      name: "options",
      version: "1.0.0",
      requests: { ask: { request: v.picklist(picklist), response: v.string() } },
    });
    const given = describeOpenApi(options).components.schemas["AskRequest"]!["enum"] as unknown as string[];
    given.push("c");
    assert.equal(picklist, ["a", "b"]);
    assert.equal(describeOpenApi(options).components.schemas["AskRequest"]!["enum"], ["a", "b"]);
  });
});
