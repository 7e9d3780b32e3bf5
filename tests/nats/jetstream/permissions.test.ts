import * as assert from "uvu/assert";
import {
  deadLetterStreamName,
  deadLetterSubject,
  durableConsumerName,
  durableStreamName,
  redriveSubject,
} from "../../../src/contract/durable-names.ts";
import { contractSubjects } from "../../../src/contract/subjects.ts";
import { natsServerConfig } from "../../../src/security/mod.ts";
import type { StreamDefinition } from "../../../src/transport/event-store.ts";
import { describeWithNatsServer } from "../../support/describe-with-nats-server.ts";
import { type NatsServer, startNatsServer } from "../../support/nats-server.ts";
import { until } from "../../support/until.ts";
import { shop } from "../../security/shop.ts";
import { call, consume, type OpenStreams, openStreams, orders, replay, storeTexts } from "./stream-scene.ts";

const event = shop.events.get("orderMoved")!;
const main: StreamDefinition = {
  name: durableStreamName(shop),
  subjects: [event.template.subscribeSubject(contractSubjects(shop).of(event.subject), {})],
};
const dead: StreamDefinition = {
  name: deadLetterStreamName(shop),
  subjects: [deadLetterSubject(shop, "*", "*"), redriveSubject(shop, "*", "*")],
};
const consumer = durableConsumerName("billing", "orderMoved");
const redrive = redriveSubject(shop, "orderMoved", "billing");
const letter = deadLetterSubject(shop, "orderMoved", "billing");
const password = "a-password";
const body = new TextEncoder().encode("{}");

/** A broker whose users have what the contract lets them, and no more. */
function startGuardedServer(): Promise<NatsServer> {
  return startNatsServer({
    jetstream: true,
    config: natsServerConfig(shop, {
      users: [
        { user: "shop", password, service: true },
        { user: "billing", password, durable: "billing" },
        { user: "trusted", password, durable: "billing", createConsumers: true },
        { user: "operator", password, durable: "billing", deadLetters: true },
        { user: "shipping", password, durable: "shipping" },
      ],
    }),
  });
}

function as(server: NatsServer, user: string): Promise<OpenStreams> {
  return openStreams(server.url, { authentication: { user, password }, inboxPrefix: `_INBOX_${user}` });
}

const readMain = { stream: main, subject: main.subjects[0]!, consumer };
const readDead = { stream: dead, subject: redrive, consumer };

describeWithNatsServer("With the permissions of its contract", {}, (test) => {
  test("a service makes its streams and stores its events", async () => {
    await using server = await startGuardedServer();
    await using service = await as(server, "shop");
    await service.store.ensureStream(main, call);
    await service.store.ensureStream(dead, call);
    await service.store.ensureStream(main, call);
    const subject = main.subjects[0]!.replaceAll("*", "1");
    const options = { ...call, stream: main.name, messageId: "one" };
    assert.is((await service.store.store(subject, body, options)).sequence, 1);
    for (
      const work of [
        service.store.read(main.name, { sequence: 1, subject: ">" }, call),
        service.store.remove(main.name, 1, call),
      ]
    ) {
      assert.is((await work.then(() => undefined, (error) => error)).code, "FORBIDDEN");
    }
  });

  test("a worker reads, acknowledges and sets aside through consumers that are there, and makes none", async () => {
    await using server = await startGuardedServer();
    await using service = await as(server, "shop");
    await service.store.ensureStream(main, call);
    await service.store.ensureStream(dead, call);
    await using worker = await as(server, "billing");
    const early = await consume(worker.store, readMain).reader.ready.then(() => undefined, (error) => error);
    assert.is(early.code, "FORBIDDEN");
    assert.match(early.message, "$JS.API.STREAM.INFO.SHOP_V2");
    await using trusted = await as(server, "trusted");
    for (const options of [readMain, readDead]) {
      const making = consume(trusted.store, options);
      await making.reader.ready;
      await making.reader.stop();
    }
    const fromMain = consume(worker.store, readMain, async (delivery) => {
      if (delivery.deliveries === 1) return await delivery.retryLater(1);
      delivery.keepAlive();
      const options = { ...call, stream: dead.name, messageId: `${consumer}:${delivery.sequence}` };
      await worker.store.store(letter, delivery.body, options);
      await delivery.discard("INVALID_EVENT");
    });
    const fromDead = consume(worker.store, readDead);
    await Promise.all([fromMain.reader.ready, fromDead.reader.ready]);
    const subject = main.subjects[0]!.replaceAll("*", "1");
    await service.store.store(subject, body, { ...call, stream: main.name, messageId: "one" });
    await until("the second attempt", () => fromMain.deliveries.length === 2);
    await using operator = await as(server, "operator");
    const found = await until(
      "the letter",
      async () => await operator.store.read(dead.name, { sequence: 1, subject: letter }, call),
    );
    await operator.store.store(redrive, found.body, { ...call, stream: dead.name, messageId: "again" });
    await until("what is sent again", () => fromDead.deliveries.length === 1);
    assert.is(await operator.store.remove(dead.name, found.sequence, call), true);
    await fromMain.reader.stop();
    assert.is(fromMain.deliveries.length, 2);
  });

  test("a worker gets nothing of another durable's, and stores no events", async () => {
    await using server = await startGuardedServer();
    await using service = await as(server, "shop");
    await service.store.ensureStream(main, call);
    await service.store.ensureStream(dead, call);
    await using trusted = await as(server, "trusted");
    await consume(trusted.store, readMain).reader.ready;
    await using other = await as(server, "shipping");
    const refused = [
      consume(other.store, readMain).reader.ready,
      other.store.ensureStream(main, call),
      other.store.bounds(main.name, call),
      other.store.read(dead.name, { sequence: 1, subject: ">" }, call),
      other.store.remove(dead.name, 1, call),
      other.store.store(letter, body, { ...call, stream: dead.name, messageId: "forged" }),
      other.store.store(redrive, body, { ...call, stream: dead.name, messageId: "forged" }),
      other.store.store(main.subjects[0]!.replaceAll("*", "1"), body, { ...call, stream: main.name, messageId: "x" }),
    ];
    for (const [index, work] of refused.entries()) {
      const error = await work.then(() => undefined, (thrown) => thrown);
      assert.is(error?.code, "FORBIDDEN", String(index));
    }
  });

  test("a reader that may look at its consumer and not read it ends at once, before it says that it reads", async () => {
    await using server = await startNatsServer({
      jetstream: true,
      config: `authorization { users: [
        { user: "root", password: "${password}" }
        { user: "ann", password: "${password}", permissions { publish { deny: ["$JS.API.CONSUMER.MSG.NEXT.>"] } } }
        { user: "bob", password: "${password}", permissions { publish { deny: ["$JS.ACK.>"] } } }
      ] }`,
    });
    await using root = await as(server, "root");
    await root.store.ensureStream(orders, call);
    const making = consume(root.store);
    await making.reader.ready;
    await making.reader.stop();
    await storeTexts(root.store, ["one"]);
    await using ann = await as(server, "ann");
    for (const { reader, states } of [consume(ann.store), replay(ann.store)]) {
      const error = await reader.ready.then(() => undefined, (thrown) => thrown);
      assert.is(error.code, "FORBIDDEN");
      assert.match(error.message, "$JS.API.CONSUMER.MSG.NEXT.ORDERS");
      assert.is(states.length, 1);
    }
    await using bob = await as(server, "bob");
    const reading = consume(bob.store, {}, () => {});
    await until("the delivery", () => reading.deliveries.length === 1);
    const started = performance.now();
    const error = await reading.deliveries[0]!.acknowledge().then(() => undefined, (thrown) => thrown);
    assert.is(error.code, "FORBIDDEN");
    assert.ok(performance.now() - started < 500);
  });
});
