import * as assert from "uvu/assert";
import * as v from "valibot";
import { createContract } from "../../mod.ts";
import { describeAsyncApi, type JsonSchema } from "../../src/describe/mod.ts";
import { headerNames } from "../../src/message/header-names.ts";
import { describe } from "../support/suite.ts";
import { shop } from "./contracts.ts";

const document = describeAsyncApi(shop, { namespace: "prod.eu" });
const { channels, operations, components } = document;

function headers(message: string): Record<string, JsonSchema> {
  return components.messages[message]!.headers!["properties"] as Record<string, JsonSchema>;
}

describe("describeAsyncApi()", (test) => {
  test("has a request as a subject, an operation that receives, and a channel for its answers", () => {
    assert.equal(channels["shop.v2.request.placeOrder"], {
      address: "prod.eu.shop.v2.request.placeOrder",
      messages: { PlaceOrderRequest: { $ref: "#/components/messages/PlaceOrderRequest" } },
    });
    const replyChannel = channels["shop.v2.request.placeOrder.reply"]!;
    assert.is(replyChannel.address, null);
    const replies = ["PlaceOrderResponse", "OutOfStockError", "PriceChangedError", "TooOftenError", "LibraryError"];
    assert.equal(Object.keys(replyChannel.messages), replies);
    const channel = "#/channels/shop.v2.request.placeOrder";
    assert.equal(operations["receivePlaceOrder"], {
      action: "receive",
      channel: { $ref: channel },
      summary: "Places an order",
      description: "Places an order. It is paid later.",
      tags: [{ name: "shop" }],
      security: [{ $ref: "#/components/securitySchemes/bearer" }],
      messages: [{ $ref: `${channel}/messages/PlaceOrderRequest` }],
      reply: {
        channel: { $ref: `${channel}.reply` },
        messages: replies.map((name) => ({ $ref: `${channel}.reply/messages/${name}` })),
      },
      bindings: { nats: { queue: "shop", bindingVersion: "0.1.0" } },
      "x-roles": ["clerk", "manager"],
      "x-idempotent": false,
      "x-timeout-ms": 3_000,
    });
    assert.not("security" in operations["receiveRing"]!);
  });

  test("has an event as a subject with its parameters, and an operation that sends", () => {
    assert.equal(channels["shop.v2.event.orderMoved"], {
      address: "prod.eu.shop.v2.event.orderMoved.{region}.{id}.{name}",
      parameters: {
        region: {
          description: 'The field "region", as one subject token.',
          location: "$message.payload#/region",
          enum: ["eu", "us"],
        },
        id: { description: 'The field "id", as one subject token.', location: "$message.payload#/id" },
        name: { description: 'The field "name", as one subject token.', location: "$message.payload#/name" },
      },
      messages: { OrderMovedEvent: { $ref: "#/components/messages/OrderMovedEvent" } },
      "x-durable": { maxAgeMs: 60_000 },
    });
    const { action, security, reply, "x-roles": roles } = operations["sendOrderMoved"]!;
    assert.equal([action, security, reply, roles], ["send", undefined, undefined, ["clerk", "manager"]]);
    assert.not("x-roles" in operations["sendClosed"]!);
    // Braces take no space; what stands fixed in the subject stays.
    const stockTaken = channels["shop.v2.event.stockTaken"]!;
    assert.is(stockTaken.address, "prod.eu.shop.v2.event.stockTaken.{id}.shelf.{shelfNo}");
    assert.is(stockTaken.parameters!["shelfNo"]!.location, "$message.payload#/shelf no");
    assert.is(describeAsyncApi(shop).channels["shop.v2.event.closed"]!.address, "shop.v2.event.closed");
  });

  test("tells of messages: their headers as they travel, and their bodies, also where there is none", () => {
    assert.equal(components.messages["PlaceOrderRequest"]!.payload, { $ref: "#/components/schemas/PlaceOrderRequest" });
    const { authorization, timeout, requestId, traceparent, tracestate } = headerNames;
    assert.equal(Object.keys(headers("PlaceOrderRequest")), [
      authorization,
      timeout,
      requestId,
      traceparent,
      tracestate,
    ]);
    assert.not(authorization in headers("RingRequest"));
    assert.equal(Object.keys(headers("OrderMovedEvent")), [traceparent, tracestate]);
    const bodies = ["OpeningHoursRequest", "RingResponse", "ClosedEvent", "ListOrdersRequest"].map((name) => {
      const { payload, description } = components.messages[name]!;
      return [payload !== undefined, description];
    });
    const none = [false, "The body is empty."];
    assert.equal(bodies, [none, none, none, [true, "The body may be empty."]]);
  });

  test("tells of errors as they travel: the headers of ADR-32, and a body with the code and typed data", () => {
    const { serviceError, serviceErrorCode, error } = headerNames;
    assert.equal(Object.keys(headers("OutOfStockError")), [serviceError, serviceErrorCode, error]);
    assert.is(headers("OutOfStockError")[error]!["const"], "OUT_OF_STOCK");
    assert.is(headers("OutOfStockError")[serviceErrorCode]!["const"], "409");
    assert.ok((headers("LibraryError")[error]!["enum"] as unknown as string[]).includes("TIMEOUT"));
    const { properties, required } = components.schemas["OutOfStockError"]! as Record<string, unknown>;
    assert.equal((properties as Record<string, JsonSchema>)["data"], { $ref: "#/components/schemas/OutOfStockData" });
    assert.equal(required, ["code", "message", "data"]);
  });

  test("names servers by host, port and path, and never by what else stands in their URLs", () => {
    const { servers, components: { securitySchemes } } = describeAsyncApi(shop, {
      servers: [
        "nats://ann:secret@a.example.com",
        "tls://b.example.com:4333",
        "ws://[::1]:8080",
        "wss://c.example.com/nats?token=secret",
      ],
      authentication: ["jwt", "userPassword"],
      queueGroup: "till",
    });
    const security = [{ $ref: "#/components/securitySchemes/jwt" }, {
      $ref: "#/components/securitySchemes/userPassword",
    }];
    assert.equal(Object.entries(servers!).map(([name, { description: _, ...server }]) => [name, server]), [
      ["nats", { host: "a.example.com:4222", protocol: "nats", security }],
      ["nats2", { host: "b.example.com:4333", protocol: "nats", security }],
      ["nats3", { host: "[::1]:8080", protocol: "nats", security }],
      ["nats4", { host: "c.example.com", pathname: "/nats", protocol: "nats", security }],
    ]);
    assert.equal(Object.keys(securitySchemes!), ["bearer", "jwt", "userPassword"]);
    assert.not(JSON.stringify(servers).includes("secret"));
    const { operations: renamed } = describeAsyncApi(shop, { queueGroup: "till" });
    assert.is(renamed["receiveRing"]!.bindings!.nats.queue, "till");
  });

  test("leaves out servers, security and errors where there are none", () => {
    const told = describeAsyncApi(createContract({ name: "told", version: "1.0.0", events: { a: v.string() } }));
    assert.equal(Object.keys(told), ["asyncapi", "info", "defaultContentType", "channels", "operations", "components"]);
    assert.equal(Object.keys(told.components), ["schemas", "messages"]);
    assert.equal(Object.keys(told.components.schemas), ["AEvent"]);
  });

  test("refuses what is no server and no namespace, without showing it", () => {
    for (const url of ["a.example.com", "http://ann:secret@a.example.com", "nats://", "mqtt://a.example.com"]) {
      assert.throws(
        () => describeAsyncApi(shop, { servers: [url] }),
        /^Cannot describe server 1: a URL with nats:, tls:, ws: or wss: is wanted$/,
      );
    }
    assert.throws(() => describeAsyncApi(shop, { namespace: "a b" }), /^Cannot use namespace "a b"/);
    assert.throws(() => describeAsyncApi([shop, shop]), /^Cannot describe version 2 of contract "shop" twice$/);
  });
});
