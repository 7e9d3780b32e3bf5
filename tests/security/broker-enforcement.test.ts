import type { Msg, NatsConnection } from "@nats-io/transport-node";
import * as assert from "uvu/assert";
import { createMessagingClient, NatsTransport } from "../../mod.ts";
import { brokerPermissions } from "../../src/security/broker-permissions.ts";
import { natsServerConfig } from "../../src/security/nats-server-config.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { type NatsServer, startNatsServer } from "../support/nats-server.ts";
import { until } from "../support/until.ts";
import { serveEveryone } from "./broker-matrix.ts";
import { HostileClient } from "./hostile-client.ts";
import { shop } from "./shop.ts";
import { shopMatrix, shopService, startShopBroker } from "./shop-broker.ts";

function login(broker: NatsServer, user: string, pass: string): Promise<HostileClient> {
  return HostileClient.connect({ servers: broker.url, user, pass });
}

function administrator(broker: NatsServer): Promise<HostileClient> {
  return login(broker, "admin", "admin-password");
}

async function ask(connection: NatsConnection, subject: string, body: object = {}): Promise<Record<string, unknown>> {
  const answer = (await connection.request(subject, JSON.stringify(body))).json<Record<string, unknown>>();
  if (answer["error"] !== undefined) throw new Error(JSON.stringify(answer["error"]));
  return answer;
}

/** A stream with so many messages. */
async function fillStream({ connection }: HostileClient, name: string, subject: string, count = 5): Promise<void> {
  await ask(connection, `$JS.API.STREAM.CREATE.${name}`, { name, subjects: [subject], storage: "memory" });
  for (let number = 0; number < count; number++) await ask(connection, subject.replaceAll("*", "acme"));
}

async function messagesIn({ connection }: HostileClient, stream: string): Promise<number> {
  const { state } = await ask(connection, `$JS.API.STREAM.INFO.${stream}`);
  return (state as { messages: number }).messages;
}

describeWithNatsServer("what a hostile client can do with a user's credentials", {}, (test) => {
  test("is told apart from what it may: an administrator is refused nothing", async () => {
    await using broker = await startShopBroker();
    await using admin = await administrator(broker);
    assert.not.ok(await admin.subscribeIsRefused(">"));
    assert.not.ok(await admin.publishIsRefused("shop.v2.request.ping"));
  });

  test("reads no answer to anybody else", async () => {
    await using broker = await startShopBroker();
    const { service, user } = shopMatrix(broker);
    const server = await serveEveryone(service);
    await using client = createMessagingClient({ contract: shop, transport: user("clerk").transport });
    await client.connect();
    await using admin = await administrator(broker);
    await using bystander = await HostileClient.connect(user("manager").raw);
    const everything = await admin.listen(">");
    const own = await bystander.listen("_INBOX_manager.>");
    assert.ok(await bystander.subscribeIsRefused("_INBOX_clerk.>"));
    for (let number = 0; number < 20; number++) await client.request("createOrder", { text: String(number) });
    await bystander.connection.flush();
    await until(
      "the answers on the wire",
      () => everything.subjects.filter((to) => /^_INBOX_clerk\./.test(to)).length >= 20,
    );
    assert.equal(own.subjects, []);
    const [reply] = everything.subjects.filter((subject) => subject.startsWith("_INBOX_clerk."));
    assert.ok(await bystander.subscribeIsRefused(reply!), "it knows the very subject");
    assert.ok(await bystander.publishIsRefused(reply!), "nor can it answer in the service's place");
    await server.stop();
  });

  test("stays in its tenant, whatever it subscribes to", async () => {
    const config = natsServerConfig(shop, {
      users: [
        ...["acme", "globex"].map((tenant) => ({
          user: tenant,
          password: "tenant-password",
          role: ["manager", "courier"],
          params: { tenant },
        })),
        { user: "shop", password: "service-password", service: true },
      ],
    });
    await using broker = await startNatsServer({ config, jetstream: true });
    const server = await serveEveryone(shopService(broker));
    const transport = new NatsTransport({
      servers: broker.url,
      authentication: { user: "acme", password: "tenant-password" },
      inboxPrefix: "_INBOX_acme",
    });
    await using client = createMessagingClient({ contract: shop, transport });
    await client.connect();
    await using raw = await login(broker, "acme", "tenant-password");
    const names = ["stockChanged", "orderMoved", "orderFlagged", "delivered"] as const;
    const heard: string[] = [];
    for (const name of names) {
      await client.subscribe(name, { params: { tenant: "acme" } }, ({ tenant }) => void heard.push(`${name} ${tenant}`))
        .ready;
    }
    const prefix = "shop.v2.event";
    const forbidden = [
      ...["*.*", "globex.*", "globex.7", "*.7", ">", "*.>", "globex.>"].flatMap((rest) => [
        `${prefix}.stockChanged.${rest}`,
        `${prefix}.orderFlagged.${rest}`,
      ]),
      ...["*.moved.*", "globex.moved.*", "*.>", "*.*.*", "globex.>", ">"].map((rest) => `${prefix}.orderMoved.${rest}`),
      ...["*.*", "7.globex", "*.globex", "*.>", ">", "7.*", "7.>"].map((rest) => `${prefix}.delivered.${rest}`),
    ];
    for (const subject of forbidden) assert.ok(await raw.subscribeIsRefused(subject), subject);
    // nats-server lets `a.>` pass where `a.*` is allowed: what it then hears is still of this tenant.
    const wide = await raw.listen(`${prefix}.stockChanged.acme.>`);
    for (const tenant of ["acme", "globex"]) {
      for (const name of names) await server.broadcast(name, { tenant, id: "7" });
    }
    await server.broadcast("announced", { text: "last" });
    await until("the tenant's own events", () => heard.length === names.length);
    await raw.connection.flush();
    assert.equal(heard, names.map((name) => `${name} acme`));
    assert.equal(wide.subjects, [`${prefix}.stockChanged.acme.7`]);
    await server.stop();
  });

  test("purges nothing by a request whose reply subject is an order to the broker", async () => {
    await using broker = await startShopBroker();
    await using admin = await administrator(broker);
    await fillStream(admin, "ORDERS", "other.orders");
    const server = await serveEveryone(shopService(broker));
    await using clerk = await login(broker, "clerk", "role-password");
    const order = "$JS.API.STREAM.PURGE.ORDERS";
    assert.not.ok(
      await clerk.publishIsRefused("shop.v2.request.createOrder", order),
      "the broker lets the request pass",
    );
    assert.not.ok(await clerk.publishIsRefused("shop.v2.request.ping", order));
    await server.stop();
    assert.is(await messagesIn(admin, "ORDERS"), 5);
  });

  test("purges nothing through a service that answers whoever asks: the broker refuses the answer", async () => {
    await using broker = await startShopBroker();
    await using admin = await administrator(broker);
    await fillStream(admin, "ORDERS", "other.orders");
    await using service = await login(broker, "shop", "service-password");
    service.connection.subscribe("shop.v2.request.ping", {
      queue: "shop",
      callback: (_, message) => void message.respond("{}"),
    });
    await service.connection.flush();
    await using clerk = await login(broker, "clerk", "role-password");
    const told = broker.log.length;
    clerk.connection.publish("shop.v2.request.ping", "{}", { reply: "$JS.API.STREAM.PURGE.ORDERS" });
    await broker.log.waitFor(/Publish Violation.*\$JS\.API\.STREAM\.PURGE\.ORDERS/, told);
    assert.is(await messagesIn(admin, "ORDERS"), 5);
  });

  test("would purge the stream if the service answered by allow_responses: why we list inboxes", async () => {
    const { subscribe } = brokerPermissions(shop, { service: true });
    const responses = `{ user: "shop", password: "service-password", permissions: { allow_responses: true, ` +
      `publish: { deny: ["$JS.>"] }, subscribe: { allow: ${JSON.stringify(subscribe.allow)} } } }`;
    const clerk =
      `{ user: "clerk", password: "role-password", permissions: { publish: "shop.>", subscribe: "_INBOX_clerk.>" } }`;
    const config = `authorization { users = [${responses}, ${clerk}, { user: "admin", password: "admin-password" }] }`;
    await using broker = await startNatsServer({ jetstream: true, config });
    await using admin = await administrator(broker);
    await fillStream(admin, "ORDERS", "other.orders");
    await using service = await login(broker, "shop", "service-password");
    service.connection.subscribe("shop.v2.request.ping", {
      queue: "shop",
      callback: (_, message) => void message.respond("{}"),
    });
    await service.connection.flush();
    await using hostile = await login(broker, "clerk", "role-password");
    hostile.connection.publish("shop.v2.request.ping", "{}", { reply: "$JS.API.STREAM.PURGE.ORDERS" });
    await until("the stream is empty", async () => await messagesIn(admin, "ORDERS") === 0);
  });
});

describeWithNatsServer("what the broker lets a service do", {}, (test) => {
  test("is to share in its requests by its queue group, and to speak where the contract says", async () => {
    await using broker = await startShopBroker();
    await using service = await login(broker, "shop", "service-password");
    for (const subject of ["shop.v2.request.ping", "shop.v2.request.*", "shop.>", ">", "_INBOX.>", "_INBOX_clerk.>"]) {
      assert.ok(await service.subscribeIsRefused(subject), subject);
    }
    for (const subject of ["$SRV.>", "$SRV.PING.other", "$SRV.PING.>", "$JS.API.>", "$SYS.>", "shop.v2.event.>"]) {
      assert.ok(await service.subscribeIsRefused(subject), subject);
    }
    assert.ok(await service.subscribeIsRefused("shop.v2.request.ping", "another"));
    assert.not.ok(await service.subscribeIsRefused("shop.v2.request.ping", "shop"));
    const unspeakable = [
      "shop.v2.request.ping",
      "shop.v2.cancel.x",
      "shop.v2.event.stockChanged",
      "shop.v2.event.nothing",
      "other.v1.event.told",
      "$SRV.PING",
      "$JS.API.INFO",
      "$JS.API.STREAM.PURGE.SHOP_V2",
      "$SYS.REQ.USER.AUTH",
      "_R_.x.y",
    ];
    for (const subject of unspeakable) assert.ok(await service.publishIsRefused(subject), subject);
    for (const subject of ["shop.v2.event.stockChanged.acme.7", "_INBOX_clerk.a.b", "_INBOX.a.b"]) {
      assert.not.ok(await service.publishIsRefused(subject), subject);
    }
  });

  test("is seen by discovery", async () => {
    await using broker = await startShopBroker();
    const server = await serveEveryone(shopService(broker));
    await using admin = await administrator(broker);
    for (const subject of ["$SRV.PING", "$SRV.INFO.shop"]) {
      assert.is((await ask(admin.connection, subject))["name"], "shop");
    }
    await server.stop();
  });
});

describeWithNatsServer("what the broker lets the reader of a durable do", {}, (test) => {
  test("is to ask its consumer for messages and to acknowledge them", async () => {
    const admin = `{ user: "admin", password: "admin-password" }`;
    const config = natsServerConfig(shop, {
      users: [{ user: "billing", password: "reader-password", durable: "billing" }],
    });
    await using broker = await startNatsServer({
      jetstream: true,
      config: config.replace("users = [", `users = [\n${admin}`),
    });
    await using administrator = await login(broker, "admin", "admin-password");
    const { connection } = administrator;
    await fillStream(administrator, "SHOP_V2", "shop.v2.event.orderMoved.*.moved.*", 3);
    for (const durable of ["billing", "shipping"]) {
      const name = `${durable}=orderMoved`;
      const consumer = { stream_name: "SHOP_V2", config: { durable_name: name, ack_policy: "explicit" } };
      await ask(connection, `$JS.API.CONSUMER.DURABLE.CREATE.SHOP_V2.${name}`, consumer);
    }
    await using reader = await HostileClient.connect({
      servers: broker.url,
      user: "billing",
      pass: "reader-password",
      inboxPrefix: "_INBOX_billing",
    });
    const info = await ask(reader.connection, "$JS.API.CONSUMER.INFO.SHOP_V2.billing=orderMoved");
    assert.is(info["num_pending"], 3);
    const next = "$JS.API.CONSUMER.MSG.NEXT.SHOP_V2.billing=orderMoved";
    const delivered: Msg[] = [];
    reader.connection.subscribe("_INBOX_billing.next", { callback: (_, message) => void delivered.push(message) });
    reader.connection.publish(next, "1", { reply: "_INBOX_billing.next" });
    const message = await until("a stored event", () => delivered[0]);
    assert.is(message.subject, "shop.v2.event.orderMoved.acme.moved.acme");
    await reader.connection.request(message.reply!, "+ACK");
    const after = await ask(reader.connection, "$JS.API.CONSUMER.INFO.SHOP_V2.billing=orderMoved");
    assert.is((after["ack_floor"] as { stream_seq: number }).stream_seq, 1);

    const forbidden = [
      "$JS.API.INFO",
      "$JS.API.STREAM.INFO.SHOP_V2",
      "$JS.API.STREAM.PURGE.SHOP_V2",
      "$JS.API.STREAM.MSG.GET.SHOP_V2",
      "$JS.API.DIRECT.GET.SHOP_V2",
      "$JS.API.CONSUMER.DELETE.SHOP_V2.billing=orderMoved",
      "$JS.API.CONSUMER.CREATE.SHOP_V2",
      "$JS.API.CONSUMER.MSG.NEXT.SHOP_V2.shipping=orderMoved",
      "$JS.API.CONSUMER.INFO.SHOP_V2.shipping=orderMoved",
      message.reply!.replace("billing=", "shipping="),
      "shop.v2.event.orderMoved.acme.moved.7",
    ];
    for (const subject of forbidden) assert.ok(await reader.publishIsRefused(subject), subject);
    assert.ok(await reader.subscribeIsRefused("shop.v2.event.orderMoved.*.moved.*"));
  });
});
