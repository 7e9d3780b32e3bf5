import * as v from "valibot";
import * as assert from "uvu/assert";
import { createContract } from "../../mod.ts";
import { brokerPermissions } from "../../src/security/broker-permissions.ts";
import { describe } from "../support/suite.ts";
import { shop } from "./shop.ts";

const inboxPrefix = "_INBOX_ann";

describe("brokerPermissions()", (test) => {
  test("lets a role publish its requests and their cancellation, and listen to its events and its own inbox", () => {
    assert.equal(brokerPermissions(shop, { role: "clerk", inboxPrefix }), {
      publish: {
        allow: [
          "shop.v2.request.ping",
          "shop.v2.request.findItem",
          "shop.v2.request.listOrders",
          "shop.v2.request.createOrder",
          "shop.v2.cancel.*",
        ],
      },
      subscribe: {
        allow: [
          "shop.v2.event.announced",
          "shop.v2.event.stockChanged.*.*",
          "shop.v2.event.orderMoved.*.moved.*",
          "_INBOX_ann.>",
        ],
      },
    });
  });

  test("joins the rights of several roles, and leaves what is public where there are none", () => {
    const both = brokerPermissions(shop, { role: ["viewer", "courier"], inboxPrefix });
    assert.equal(both.publish.allow, [
      "shop.v2.request.ping",
      "shop.v2.request.findItem",
      "shop.v2.request.reportDelivery",
      "shop.v2.request.closeDay",
      "shop.v2.cancel.*",
    ]);
    const nobody = brokerPermissions(shop, { role: [], inboxPrefix });
    assert.equal(nobody.publish.allow, ["shop.v2.request.ping", "shop.v2.cancel.*"]);
    assert.equal(nobody.subscribe.allow, ["shop.v2.event.announced", "_INBOX_ann.>"]);
  });

  test("lets a service listen in its queue group, tell events and answer to inboxes, and nothing else", () => {
    assert.equal(brokerPermissions(shop, { service: true, callerInboxPrefixes: ["_INBOX", "_INBOX_ann"] }), {
      publish: {
        allow: [
          "shop.v2.event.announced",
          "shop.v2.event.stockChanged.*.*",
          "shop.v2.event.orderMoved.*.moved.*",
          "shop.v2.event.orderFlagged.*.*",
          "shop.v2.event.delivered.*.*",
          "$JS.API.STREAM.INFO.SHOP_V2",
          "$JS.API.STREAM.CREATE.SHOP_V2",
          "$JS.API.STREAM.INFO.SHOP_V2=DEAD",
          "$JS.API.STREAM.CREATE.SHOP_V2=DEAD",
          "$JS.API.STREAM.UPDATE.SHOP_V2",
          "_INBOX.>",
          "_INBOX_ann.>",
        ],
      },
      subscribe: {
        allow: [
          "shop.v2.request.ping shop",
          "shop.v2.request.findItem shop",
          "shop.v2.request.listOrders shop",
          "shop.v2.request.createOrder shop",
          "shop.v2.request.cancelOrder shop",
          "shop.v2.request.reportDelivery shop",
          "shop.v2.request.closeDay shop",
          "shop.v2.cancel.*",
          "$SRV.PING",
          "$SRV.PING.shop",
          "$SRV.PING.shop.*",
          "$SRV.INFO",
          "$SRV.INFO.shop",
          "$SRV.INFO.shop.*",
          "$SRV.STATS",
          "$SRV.STATS.shop",
          "$SRV.STATS.shop.*",
          "$SRV.SCHEMA",
          "$SRV.SCHEMA.shop",
          "$SRV.SCHEMA.shop.*",
          "_INBOX_shop.>",
        ],
      },
    });
    const other = brokerPermissions(shop, { service: true, queueGroup: "canary", inboxPrefix: "_INBOX.shop" });
    assert.ok(other.subscribe.allow.includes("shop.v2.request.ping canary"));
    assert.is(other.subscribe.allow.at(-1), "_INBOX.shop.>");
  });

  test("gives the reader of a durable the least that reads, acknowledges and sets aside", () => {
    const least = [
      "$JS.API.CONSUMER.INFO.SHOP_V2.billing=orderMoved",
      "$JS.API.CONSUMER.MSG.NEXT.SHOP_V2.billing=orderMoved",
      "$JS.ACK.SHOP_V2.billing=orderMoved.>",
      "$JS.ACK.*.*.SHOP_V2.billing=orderMoved.>",
      "$JS.API.CONSUMER.INFO.SHOP_V2=DEAD.billing=orderMoved",
      "$JS.API.CONSUMER.MSG.NEXT.SHOP_V2=DEAD.billing=orderMoved",
      "$JS.ACK.SHOP_V2=DEAD.billing=orderMoved.>",
      "$JS.ACK.*.*.SHOP_V2=DEAD.billing=orderMoved.>",
      "shop.v2.dead.orderMoved.billing",
    ];
    const more = (rights: object): string[] =>
      brokerPermissions(shop, { durable: "billing", ...rights }).publish.allow.filter((one) => !least.includes(one));
    assert.equal(more({ createConsumers: true }), [
      "$JS.API.CONSUMER.CREATE.SHOP_V2.billing=orderMoved",
      "$JS.API.CONSUMER.CREATE.SHOP_V2=DEAD.billing=orderMoved",
      "$JS.API.STREAM.INFO.SHOP_V2",
      "$JS.API.STREAM.INFO.SHOP_V2=DEAD",
    ]);
    assert.equal(more({ deadLetters: true }), [
      "$JS.API.STREAM.INFO.SHOP_V2=DEAD",
      "$JS.API.STREAM.MSG.GET.SHOP_V2=DEAD",
      "$JS.API.STREAM.MSG.DELETE.SHOP_V2=DEAD",
      "shop.v2.redrive.orderMoved.billing",
    ]);
    assert.equal(brokerPermissions(shop, { durable: "billing" }), {
      publish: { allow: least },
      subscribe: { allow: ["_INBOX_billing.>"] },
    });
    assert.throws(() => brokerPermissions(shop, { durable: "billing", role: "courier" }), /no durable event/);
  });

  test("lets who replays make consumers for the stored events of its roles, and whom it trusts with nothing else", () => {
    const plain = brokerPermissions(shop, { role: "clerk", inboxPrefix });
    const replays = brokerPermissions(shop, { role: "clerk", inboxPrefix, replay: true, params: { tenant: "acme" } });
    assert.equal(replays.publish.allow.filter((subject) => !plain.publish.allow.includes(subject)), [
      "$JS.API.STREAM.INFO.SHOP_V2",
      "$JS.API.CONSUMER.CREATE.SHOP_V2.*.shop.v2.event.orderMoved.acme.moved.*",
      "$JS.API.CONSUMER.MSG.NEXT.SHOP_V2.*",
    ]);
    const courier = { role: "courier", inboxPrefix };
    assert.equal(brokerPermissions(shop, { ...courier, replay: true }), brokerPermissions(shop, courier));
  });

  test("lets a gateway ask and hear everything, read what is stored, and ask for statistics", () => {
    assert.equal(brokerPermissions(shop, { gateway: true, inboxPrefix: "_INBOX_gateway", namespace: "prod" }), {
      publish: {
        allow: [
          ...[...shop.requests.keys()].map((name) => `prod.shop.v2.request.${name}`),
          "prod.shop.v2.cancel.*",
          "$SRV.STATS.shop",
          "$JS.API.STREAM.INFO.PROD=SHOP_V2",
          "$JS.API.CONSUMER.CREATE.PROD=SHOP_V2.*.prod.shop.v2.event.orderMoved.*.moved.*",
          "$JS.API.CONSUMER.MSG.NEXT.PROD=SHOP_V2.*",
        ],
      },
      subscribe: {
        allow: [
          "prod.shop.v2.event.announced",
          "prod.shop.v2.event.stockChanged.*.*",
          "prod.shop.v2.event.orderFlagged.*.*",
          "prod.shop.v2.event.delivered.*.*",
          "_INBOX_gateway.>",
        ],
      },
    });
    const forCouriers = brokerPermissions(shop, { gateway: true, role: "courier", inboxPrefix });
    assert.equal(forCouriers.publish.allow, [
      "shop.v2.request.ping",
      "shop.v2.request.reportDelivery",
      "shop.v2.request.closeDay",
      "shop.v2.cancel.*",
      "$SRV.STATS.shop",
    ]);
    assert.equal(forCouriers.subscribe.allow.at(-2), "shop.v2.event.delivered.*.*");
  });

  test("puts the namespace in front and fixes parameters, escaped, or leaves them to the broker", () => {
    const { publish, subscribe } = brokerPermissions(shop, {
      role: "manager",
      inboxPrefix: "_INBOX.{{name()}}",
      namespace: "prod.eu",
      params: { tenant: "a.>*", id: "{{tag(id)}}" },
    });
    assert.is(publish.allow[0], "prod.eu.shop.v2.request.ping");
    assert.is(publish.allow.at(-1), "prod.eu.shop.v2.cancel.*");
    assert.equal(subscribe.allow.slice(1), [
      "prod.eu.shop.v2.event.stockChanged.a=2E=3E=2A.{{tag(id)}}",
      "prod.eu.shop.v2.event.orderMoved.a=2E=3E=2A.moved.{{tag(id)}}",
      "prod.eu.shop.v2.event.orderFlagged.a=2E=3E=2A.{{tag(id)}}",
      "_INBOX.{{name()}}.>",
    ]);
    const durable = brokerPermissions(shop, { durable: "billing", namespace: "prod.eu" });
    assert.match(durable.publish.allow[0]!, "INFO.PROD=EU=SHOP_V2.billing");
  });

  test("never gives an empty list, which would mean everything", () => {
    const quiet = createContract({
      name: "quiet",
      version: "1.0.0",
      roles: { one: {}, other: {} },
      requests: { ask: { request: v.object({}), response: v.object({}), access: ["one"] } },
    });
    assert.equal(brokerPermissions(quiet, { role: "other", inboxPrefix }), {
      publish: { allow: ["_INBOX_ann.nothing"] },
      subscribe: { allow: ["_INBOX_ann.>"] },
    });
    const deaf = brokerPermissions(quiet, { service: true, callerInboxPrefixes: [] });
    assert.equal(deaf.publish.allow, ["_INBOX_quiet.nothing"]);
  });

  test("refuses roles, parameters and names that are not there, and an inbox that is everyone's", () => {
    const refused: [object, RegExp][] = [
      [{ role: "boss", inboxPrefix }, /no role "boss"/],
      [{ role: "__proto__", inboxPrefix }, /no role/],
      [{ role: "clerk", inboxPrefix, params: { tenent: "acme" } }, /no event has.*tenent/i],
      [{ role: "clerk", inboxPrefix, params: { tenant: "" } }, /parameter "tenant"/],
      [{ role: "clerk", inboxPrefix, params: { tenant: undefined } }, /parameter "tenant"/],
      [{ role: "clerk", inboxPrefix, namespace: "a.*" }, /namespace/],
      [{ role: "clerk", inboxPrefix: "_INBOX" }, /"_INBOX"/],
      [{ role: "clerk", inboxPrefix: "_INBOX_*" }, /inbox prefix/],
      [{ role: "clerk", inboxPrefix: "_INBOX.>" }, /inbox prefix/],
      [{ role: "clerk", inboxPrefix: "_INBOX." }, /inbox prefix/],
      [{ role: "clerk", inboxPrefix: "_INBOX_{{name()}}" }, /inbox prefix/],
      [{ role: "clerk", inboxPrefix: "shop" }, /inbox prefix/],
      [{ role: "clerk", inboxPrefix: undefined }, /inbox prefix/],
      [{ service: true, queueGroup: "a b" }, /queueGroup/],
      [{ service: true, callerInboxPrefixes: [">"] }, /inbox prefix/],
      [{ durable: "a.b" }, /durable "a.b"/],
      [{ gateway: true }, /inbox prefix/],
      [{ gateway: true, inboxPrefix, role: "boss" }, /no role "boss"/],
      [{}, /role/],
    ];
    for (const [options, message] of refused) {
      assert.throws(() => brokerPermissions(shop, options as { durable: string }), message, JSON.stringify(options));
    }
  });
});
