import * as assert from "uvu/assert";
import { createMessagingClient, type MessagingError, NatsTransport, type Transport } from "../../mod.ts";
import { createGateway } from "../../src/gateway/mod.ts";
import { type BrokerPermissions, brokerPermissions } from "../../src/security/broker-permissions.ts";
import { natsServerConfig } from "../../src/security/nats-server-config.ts";
import { FrameReader } from "../gateway/frame-reader.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { type NatsServer, startNatsServer } from "../support/nats-server.ts";
import { until } from "../support/until.ts";
import { serveEveryone } from "./broker-matrix.ts";
import { HostileClient } from "./hostile-client.ts";
import { eventData, roleNames, shop } from "./shop.ts";

const password = "a-password";
const inbox = (user: string): string => `_INBOX_${user}`;
const acme = { tenant: "acme" };

/** A user of these permissions, and for each of them one that has all others; `cut` names what each one lacks. */
interface Users {
  readonly cut: ReadonlyMap<string, string>;
  readonly config: string;
}

/** Everyone has the inbox of a user of its own; where that itself is cut, another one. */
function cutUsers(make: (user: string) => BrokerPermissions): Users {
  const { publish, subscribe } = make("whole");
  const subjects = [...publish.allow, ...subscribe.allow];
  const cut = new Map(subjects.map((subject, index) => [`u${index}`, subject]));
  const users: object[] = [{ user: "whole", password, permissions: make("whole") }];
  for (const [index, user] of [...cut.keys()].entries()) {
    const own = make(user);
    const without = (list: string[], first: number): string[] => {
      const left = list.filter((_, position) => first + position !== index);
      // An empty list would mean everything.
      return left.length === 0 ? ["nothing"] : left;
    };
    const permissions = {
      publish: { allow: without(own.publish.allow, 0) },
      subscribe: { allow: without(own.subscribe.allow, own.publish.allow.length) },
    };
    users.push({ user, password, permissions });
  }
  const callerInboxPrefixes = ["whole", ...cut.keys()].map(inbox);
  users.push({ user: "shop", password, permissions: brokerPermissions(shop, { service: true, callerInboxPrefixes }) });
  users.push({ user: "admin", password });
  return { cut, config: `authorization: ${JSON.stringify({ users })}` };
}

function as(server: NatsServer, user: string): Transport {
  return new NatsTransport({
    servers: server.url,
    authentication: { user, password },
    inboxPrefix: inbox(user),
  });
}

/** Reads acme's stored event as a client does; gives what keeps it from that. */
async function replay(transport: Transport): Promise<MessagingError | undefined> {
  const client = createMessagingClient({ contract: shop, transport });
  try {
    await client.connect();
    await new Promise<void>((resolve, reject) => {
      client.subscribe("orderMoved", { from: "all", params: acme }, () => resolve()).ready.catch(reject);
    });
    return undefined;
  } catch (error) {
    return error as MessagingError;
  } finally {
    await client.disconnect();
  }
}

/** Goes through all that a gateway does for its callers; gives what does not work, in words that name the subject. */
async function walkGateway(transport: Transport, announce: () => Promise<void>): Promise<string[]> {
  const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const gateway = createGateway({
    contracts: [shop],
    transport,
    logger,
    authenticate: () => ({ id: "anybody", roles: roleNames }),
  });
  const broken: string[] = [];
  const headers = { Authorization: "Bearer anything", "Content-Type": "application/json" };
  try {
    for (const name of shop.requests.keys()) {
      const request = new Request(`http://gateway.example/shop/v2/${name}`, {
        method: "POST",
        headers: { ...headers, "Messaging-Timeout": "500" },
        body: JSON.stringify({ text: "a" }),
      });
      if ((await gateway.fetch(request)).status !== 200) broken.push(`shop.v2.request.${name}`);
    }
    for (const [name, { durable }] of shop.events) {
      const from = durable === undefined ? "" : "&from=all";
      const request = new Request(`http://gateway.example/shop/v2/events?name=${name}${from}`, { headers });
      const answer = await gateway.fetch(request);
      if (answer.status !== 200) {
        broken.push(durable === undefined ? `shop.v2.event.${name}` : "$JS.API.");
        continue;
      }
      const frames = await FrameReader.of(answer);
      await announce();
      await frames.data();
      await frames.cancel();
    }
    const answer = await gateway.fetch(new Request("http://gateway.example/statistics"));
    const { contracts } = await answer.json() as { contracts?: { instances: unknown[] }[] };
    if (contracts?.[0]?.instances.length !== 1) broken.push("$SRV.STATS.shop");
  } catch (error) {
    broken.push(String(error));
  } finally {
    await gateway.stop({ graceMs: 0 });
  }
  return broken;
}

describeWithNatsServer("brokerPermissions() for those who replay", {}, (test) => {
  test("a client replays with exactly these, and with none of them missing", { timeoutMs: 60_000 }, async () => {
    const plain = brokerPermissions(shop, { role: "clerk", inboxPrefix: inbox("whole") });
    const { cut, config } = cutUsers((user) =>
      brokerPermissions(shop, { role: "clerk", replay: true, inboxPrefix: inbox(user), params: acme })
    );
    await using broker = await startNatsServer({ jetstream: true, config });
    const server = await serveEveryone(as(broker, "shop"));
    await server.broadcast("orderMoved", { tenant: "other", id: "1" });
    await server.broadcast("orderMoved", { tenant: "acme", id: "2" });
    assert.is(await replay(as(broker, "whole")), undefined);
    let missing = 0;
    for (const [user, subject] of cut) {
      if (!subject.startsWith("$JS.")) continue;
      missing++;
      assert.not.ok(plain.publish.allow.includes(subject));
      const error = await replay(as(broker, user));
      assert.is(error?.code, "FORBIDDEN", subject);
    }
    assert.is(missing, 3);
    await server.stop();
  });

  test(
    "a gateway works with exactly these, and each one that is missing is missed",
    { timeoutMs: 120_000 },
    async () => {
      const { cut, config } = cutUsers((user) => brokerPermissions(shop, { gateway: true, inboxPrefix: inbox(user) }));
      await using broker = await startNatsServer({ jetstream: true, config });
      const server = await serveEveryone(as(broker, "shop"));
      const announce = async (): Promise<void> => {
        for (const name of shop.events.keys()) {
          await server.broadcast(name as "announced", eventData(name, "acme") as { text: string });
        }
      };
      assert.equal(await walkGateway(as(broker, "whole"), announce), []);
      let missed = 0;
      for (const [user, subject] of cut) {
        // A cancelled request ends either way; without its inbox it has no connection at all.
        if (subject === "shop.v2.cancel.*" || subject.startsWith("_INBOX")) continue;
        const broken = await walkGateway(as(broker, user), announce);
        assert.is(broken.length, 1, `${subject}: ${broken.join("; ")}`);
        assert.ok(subject.startsWith(broken[0]!), `${subject}: ${broken[0]}`);
        missed++;
      }
      assert.is(missed, 7 + 1 + 3 + 4);
      await server.stop();
    },
  );

  test("nobody of them does anything else at the streams", { timeoutMs: 60_000 }, async () => {
    const config = natsServerConfig(shop, {
      users: [
        { user: "gateway", password, gateway: true },
        { user: "clerk", password, role: "clerk", replay: true, params: acme },
        { user: "viewer", password, role: "viewer", replay: true },
        { user: "shop", password, service: true },
      ],
    });
    await using broker = await startNatsServer({ jetstream: true, config });
    const server = await serveEveryone(as(broker, "shop"));
    await server.broadcast("orderMoved", { tenant: "acme", id: "1" });
    assert.is(await replay(as(broker, "gateway")), undefined);
    assert.is(await replay(as(broker, "clerk")), undefined);
    const refusedAll = [
      ...["CREATE", "UPDATE", "DELETE", "PURGE", "MSG.GET", "MSG.DELETE", "SNAPSHOT"].map((verb) =>
        `$JS.API.STREAM.${verb}.SHOP_V2`
      ),
      "$JS.API.STREAM.INFO.SHOP_V2=DEAD",
      "$JS.API.STREAM.LIST",
      "$JS.API.STREAM.NAMES",
      "$JS.API.CONSUMER.CREATE.SHOP_V2",
      "$JS.API.CONSUMER.CREATE.SHOP_V2.mine",
      "$JS.API.CONSUMER.CREATE.SHOP_V2.mine.>",
      "$JS.API.CONSUMER.CREATE.SHOP_V2.mine.shop.v2.event.>",
      "$JS.API.CONSUMER.CREATE.SHOP_V2=DEAD.mine.shop.v2.event.orderMoved.acme.moved.*",
      "$JS.API.CONSUMER.DURABLE.CREATE.SHOP_V2.mine",
      "$JS.API.CONSUMER.INFO.SHOP_V2.billing=orderMoved",
      "$JS.API.CONSUMER.DELETE.SHOP_V2.billing=orderMoved",
      "$JS.API.CONSUMER.LIST.SHOP_V2",
      "$JS.API.CONSUMER.MSG.NEXT.SHOP_V2=DEAD.billing=orderMoved",
      "$JS.ACK.SHOP_V2.billing=orderMoved.1.1.1.1.1",
      "shop.v2.event.orderMoved.acme.moved.1",
      "shop.v2.dead.orderMoved.billing",
      "shop.v2.redrive.orderMoved.billing",
    ];
    const ofOther = "$JS.API.CONSUMER.CREATE.SHOP_V2.mine.shop.v2.event.orderMoved.other.moved.*";
    const refused: Readonly<Record<string, readonly string[]>> = {
      gateway: refusedAll,
      clerk: [
        ...refusedAll,
        ofOther,
        "$JS.API.CONSUMER.CREATE.SHOP_V2.mine.shop.v2.event.orderMoved.*.moved.*",
        "$SRV.STATS.shop",
        "shop.v2.request.cancelOrder",
      ],
      viewer: [...refusedAll, ofOther, "$JS.API.STREAM.INFO.SHOP_V2", "$JS.API.CONSUMER.MSG.NEXT.SHOP_V2.mine"],
    };
    for (const [user, subjects] of Object.entries(refused)) {
      await using hostile = await HostileClient.connect({ servers: broker.url, user, pass: password });
      for (const subject of subjects) {
        assert.ok(await hostile.publishIsRefused(subject), `${user} could publish to ${subject}`);
      }
      assert.ok(await hostile.subscribeIsRefused("shop.v2.request.ping", "shop"));
    }
    await server.stop();
  });

  test("what a consumer filters is what its subject says, or the broker makes none", async () => {
    const config = natsServerConfig(shop, {
      users: [
        { user: "clerk", password, role: "clerk", replay: true, params: acme },
        { user: "shop", password, service: true },
      ],
    });
    await using broker = await startNatsServer({ jetstream: true, config });
    const server = await serveEveryone(as(broker, "shop"));
    await using hostile = await HostileClient.connect({
      servers: broker.url,
      user: "clerk",
      pass: password,
      inboxPrefix: inbox("clerk"),
    });
    const own = "shop.v2.event.orderMoved.acme.moved.*";
    const make = async (name: string, filters: object): Promise<{ error?: { description: string } }> => {
      const config = { name, ack_policy: "none", ...filters };
      const body = JSON.stringify({ stream_name: "SHOP_V2", config, action: "create" });
      return (await hostile.connection.request(`$JS.API.CONSUMER.CREATE.SHOP_V2.${name}.${own}`, body)).json();
    };
    assert.is((await make("a", { filter_subject: own })).error, undefined);
    for (
      const filters of [
        {},
        { filter_subject: ">" },
        { filter_subject: "shop.v2.event.orderMoved.other.moved.*" },
        { filter_subjects: ["shop.v2.event.orderMoved.*.moved.*"] },
        { filter_subjects: [own, "shop.v2.event.orderMoved.other.moved.*"] },
      ]
    ) {
      assert.ok((await make("b", filters)).error, JSON.stringify(filters));
    }
    await server.stop();
  });

  test("what the page on security warns of is so: events sent elsewhere, and another's consumer changed and read", async () => {
    const config = natsServerConfig(shop, {
      users: [
        { user: "clerk", password, role: "clerk", replay: true },
        { user: "billing", password, durable: "billing", createConsumers: true },
        { user: "shop", password, service: true },
      ],
    });
    await using broker = await startNatsServer({ jetstream: true, config });
    const server = await serveEveryone(as(broker, "shop"));
    const worker = createMessagingClient({ contract: shop, transport: as(broker, "billing") });
    await worker.connect();
    const reading = worker.subscribe("orderMoved", { durable: "billing" }, () => {});
    await reading.ready;
    await reading.unsubscribe();
    await server.broadcast("orderMoved", { tenant: "acme", id: "1" });
    await using hostile = await HostileClient.connect({
      servers: broker.url,
      user: "clerk",
      pass: password,
      inboxPrefix: inbox("clerk"),
    });
    const filter = "shop.v2.event.orderMoved.*.moved.*";
    const ask = async (name: string, action: string, config: object): Promise<{ error?: object }> => {
      const body = JSON.stringify({
        stream_name: "SHOP_V2",
        config: { name, filter_subject: filter, ...config },
        action,
      });
      return (await hostile.connection.request(`$JS.API.CONSUMER.CREATE.SHOP_V2.${name}.${filter}`, body)).json();
    };
    const elsewhere = "shop.v2.event.stockChanged.acme.7";
    assert.ok(await hostile.publishIsRefused(elsewhere));
    const sent = await hostile.listen(elsewhere);
    const made = await ask("mine", "create", { ack_policy: "none", deliver_subject: elsewhere });
    assert.is(made.error, undefined);
    await until("the event that was sent elsewhere", () => sent.subjects.length === 1);
    const changed = await ask("billing=orderMoved", "update", {
      durable_name: "billing=orderMoved",
      ack_policy: "explicit",
      ack_wait: 1e9,
      max_deliver: -1,
      deliver_policy: "new",
      max_ack_pending: 50_000,
    });
    assert.is(changed.error, undefined, JSON.stringify(changed.error));
    const { subjects } = await hostile.listen("_INBOX_clerk.stolen");
    const question = JSON.stringify({ batch: 1, expires: 8e9 });
    hostile.connection.publish("$JS.API.CONSUMER.MSG.NEXT.SHOP_V2.billing=orderMoved", question, {
      reply: "_INBOX_clerk.stolen",
    });
    await until("the event that billing waits for", () => subjects[0] === "shop.v2.event.orderMoved.acme.moved.1");
    await worker.disconnect();
    await server.stop();
  });

  test("a gateway whose service has not made the stream yet says so, and serves its events when it has", async () => {
    const config = natsServerConfig(shop, {
      users: [{ user: "gateway", password, gateway: true }, { user: "shop", password, service: true }],
    });
    await using broker = await startNatsServer({ jetstream: true, config });
    const gateway = createGateway({
      contracts: [shop],
      transport: as(broker, "gateway"),
      authenticate: () => ({ id: "anybody", roles: roleNames }),
    });
    const ask = (): Promise<Response> =>
      gateway.fetch(
        new Request("http://gateway.example/shop/v2/events?name=orderMoved", {
          headers: { Authorization: "Bearer a" },
        }),
      );
    const early = await ask();
    assert.is(early.status, 503);
    assert.match(await early.text(), "NO_RESPONDERS");
    const server = await serveEveryone(as(broker, "shop"));
    const frames = await FrameReader.of(await ask());
    await server.broadcast("orderMoved", { tenant: "acme", id: "1" });
    assert.equal(await frames.data(), { tenant: "acme", id: "1" });
    await frames.cancel();
    await gateway.stop({ graceMs: 0 });
    await server.stop();
  });
});
