import { connect } from "@nats-io/transport-node";
import * as assert from "uvu/assert";
import * as v from "valibot";
import * as z from "zod";
import {
  createContract,
  createMessagingClient,
  createMessagingServer,
  MemoryBroker,
  MemoryTransport,
  NatsTransport,
  type Transport,
  type TransportConnection,
  type TransportMessage,
} from "../../mod.ts";
import { describeContract } from "../../src/describe/mod.ts";
import { withResolvers } from "../../src/transport/with-resolvers.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { describe, type RegisterTest } from "../support/suite.ts";
import { kiosk, kioskEndpoints, serveKiosk, type Work } from "./kiosk.ts";

/** A broker, and the ways a test speaks to it. */
interface World extends AsyncDisposable {
  /** A new transport to it. */
  transport(): Transport;
  /** Publishes with any reply subject, which no `TransportConnection` would; resolves when the broker has it. */
  publish(subject: string, body: string, replySubject: string): Promise<void>;
  /** Hears a subject; resolves when the broker has the subscription. */
  listen(subject: string, onBody: (body: string) => void): Promise<void>;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function memoryWorld(): Promise<World> {
  const broker = new MemoryBroker();
  return Promise.resolve({
    transport: () => new MemoryTransport({ broker }),
    publish(subject, body, replySubject) {
      broker.publish({ subject, replySubject, body: encoder.encode(body) });
      return broker.delivered();
    },
    listen(subject, onBody) {
      broker.subscribe({ subject, deliver: ({ body }) => onBody(decoder.decode(body)) });
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}

async function natsWorld(): Promise<World> {
  const server = await startNatsServer();
  const plain = await connect({ servers: server.url });
  return {
    transport: () => new NatsTransport({ servers: server.url }),
    async publish(subject, body, replySubject) {
      plain.publish(subject, body, { reply: replySubject });
      await plain.flush();
    },
    async listen(subject, onBody) {
      plain.subscribe(subject, { callback: (_error, message) => onBody(message.string()) });
      await plain.flush();
    },
    async [Symbol.asyncDispose]() {
      await plain.close();
      await server.stop();
    },
  };
}

let inboxes = 0;

/** Asks everyone and resolves with the first `count` answers. */
async function askAll(world: World, subject: string, count: number): Promise<Answer[]> {
  const inbox = `_INBOX.discovery.${++inboxes}`;
  const answers: Answer[] = [];
  const { promise: complete, resolve } = withResolvers<void>();
  await world.listen(inbox, (body) => {
    answers.push(JSON.parse(body));
    if (answers.length === count) resolve();
  });
  await world.publish(subject, "", inbox);
  await complete;
  return answers;
}

/** Asks over the transport and resolves with the one answer. */
async function ask(connection: TransportConnection, subject: string, body = ""): Promise<Answer> {
  return JSON.parse(decoder.decode((await send(connection, subject, body)).body));
}

function send(connection: TransportConnection, subject: string, body: string): Promise<TransportMessage> {
  const requestId = crypto.randomUUID();
  return connection.request(subject, encoder.encode(body), { requestId, timeoutMs: 5_000, operation: subject });
}

function sell(connection: TransportConnection, sku: string): Promise<TransportMessage> {
  return send(connection, "kiosk.v2.request.sell", JSON.stringify({ sku, quantity: 1 }));
}

// Everything that discovery answers, read as a stranger would.
// deno-lint-ignore no-explicit-any
type Answer = any;

const noWork: Work = () => Promise.resolve();

function discoveryBehaviour(test: RegisterTest, openWorld: () => Promise<World>): void {
  function check(
    name: string,
    use: (world: World, connection: TransportConnection) => Promise<void>,
  ): void {
    test(name, async () => {
      await using world = await openWorld();
      const connection = await world.transport().open();
      try {
        await use(world, connection);
      } finally {
        await connection.close();
      }
    });
  }

  check("$SRV.PING answers for all, for the name and for the id with one identity", async (world, connection) => {
    await using _server = await serveKiosk(world.transport(), noWork);
    const all = await ask(connection, "$SRV.PING");
    assert.equal(Object.keys(all).sort(), ["id", "metadata", "name", "type", "version"]);
    assert.is(all.type, "io.nats.micro.v1.ping_response");
    assert.is(all.name, "kiosk");
    assert.is(all.version, "2.4.1");
    assert.match(all.id, /^[A-Za-z0-9_-]{16,}$/);
    assert.equal(await ask(connection, "$SRV.PING.kiosk"), all);
    assert.equal(await ask(connection, `$SRV.PING.kiosk.${all.id}`), all);
  });

  check("$SRV.INFO answers with description, metadata and every endpoint", async (world, connection) => {
    await using _server = await serveKiosk(world.transport(), noWork);
    const info = await ask(connection, "$SRV.INFO");
    const { type, name, id, version, metadata } = info;
    assert.is(type, "io.nats.micro.v1.info_response");
    assert.equal(
      { type: "io.nats.micro.v1.ping_response", name, id, version, metadata },
      await ask(connection, "$SRV.PING"),
    );
    assert.is(info.description, "Sells newspapers");
    assert.is(metadata.contract, "kiosk@2.4.1");
    assert.match(metadata["contract-hash"], /^[0-9a-f]{64}$/);
    assert.equal(info.endpoints, kioskEndpoints);
    assert.equal(await ask(connection, "$SRV.INFO.kiosk"), info);
    assert.equal(await ask(connection, `$SRV.INFO.kiosk.${id}`), info);
  });

  check("$SRV.INFO names subjects that answer, with namespace and queue group", async (world, connection) => {
    await using _server = await serveKiosk(world.transport(), noWork, { namespace: "eu.shop", queueGroup: "tills" });
    const [, price] = (await ask(connection, "$SRV.INFO.kiosk")).endpoints;
    assert.is(price.subject, "eu.shop.kiosk.v2.request.price");
    assert.is(price.queue_group, "tills");
    assert.equal(await ask(connection, price.subject, '{"sku":"paper"}'), { price: 2.5 });
  });

  check("$SRV.INFO has an empty description, and only what has a handler", async (world, connection) => {
    const server = createMessagingServer({ contract: kiosk, transport: world.transport() });
    server.registerHandler("price", () => ({ price: 1 }));
    await server.start({ partial: true });
    const info = await ask(connection, "$SRV.INFO");
    assert.is(info.description, "");
    assert.equal(info.endpoints.map((endpoint: Answer) => endpoint.name), ["price"]);
    await server.stop();
  });

  check("$SRV.INFO's contract hash is the same for the same contract and another for another", async (world) => {
    const same = (): Transport => world.transport();
    await using _first = await serveKiosk(same(), noWork);
    await using _second = await serveKiosk(same(), noWork);
    const other = createContract({
      name: "kiosk",
      version: "2.4.1",
      requests: { price: { request: v.object({ sku: v.string() }), response: v.object({ price: v.string() }) } },
    });
    await using third = createMessagingServer({ contract: other, transport: same() });
    third.registerHandler("price", () => ({ price: "2.50" }));
    await third.start();

    const infos = await askAll(world, "$SRV.INFO.kiosk", 3);
    const hashes = infos.map((info) => info.metadata["contract-hash"]);
    assert.is(new Set(hashes).size, 2);
    const [small] = infos.filter((info) => info.endpoints.length === 1);
    assert.is(hashes.filter((hash) => hash === small.metadata["contract-hash"]).length, 1);
  });

  check("$SRV.SCHEMA answers with the contract where the server is told to", async (world, connection) => {
    const quiet = await serveKiosk(world.transport(), noWork);
    await expectRejection(ask(connection, "$SRV.SCHEMA.kiosk"), { code: "NO_RESPONDERS" });
    await quiet.stop();
    await using _server = await serveKiosk(world.transport(), noWork, { describeContract });
    const answer = await ask(connection, "$SRV.SCHEMA");
    const { type: _type, ...identity } = await ask(connection, "$SRV.PING");
    assert.equal(answer, {
      type: "magicbutton.messaging.v1.schema_response",
      ...identity,
      contract: JSON.parse(JSON.stringify(describeContract(kiosk))),
    });
    assert.equal(await ask(connection, "$SRV.SCHEMA.kiosk"), answer);
    assert.equal(await ask(connection, `$SRV.SCHEMA.kiosk.${answer.id}`), answer);
  });

  check("$SRV.INFO's contract hash sees the JSON Schema of other libraries, and all of a subject", async (world) => {
    const schemas = [z.string().max(8), z.string().max(9)];
    const subjects = ["sales.{region}", "stock.{region}"];
    const contracts = [
      ...schemas.map((request) =>
        createContract({ name: "kiosk", version: "2.4.1", requests: { ask: { request, response: v.string() } } })
      ),
      ...subjects.map((subject) =>
        createContract({
          name: "kiosk",
          version: "2.4.1",
          events: { sold: { schema: v.object({ region: v.string() }), subject } },
        })
      ),
    ];
    const servers = contracts.map((contract) => createMessagingServer({ contract, transport: world.transport() }));
    for (const server of servers) await server.start({ partial: true });
    const infos = await askAll(world, "$SRV.INFO.kiosk", 4);
    for (const server of servers) await server.stop();
    assert.is(new Set(infos.map((info) => info.metadata["contract-hash"])).size, 4);
  });

  check("$SRV.STATS begins with zeroes and says since when", async (world, connection) => {
    const before = Date.now();
    await using _server = await serveKiosk(world.transport(), noWork);
    const stats = await ask(connection, "$SRV.STATS");
    assert.is(stats.type, "io.nats.micro.v1.stats_response");
    assert.match(stats.started, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/);
    const started = Date.parse(stats.started);
    assert.ok(started >= before && started <= Date.now(), stats.started);
    const zeroes = { num_requests: 0, num_errors: 0, last_error: "", processing_time: 0, average_processing_time: 0 };
    assert.equal(stats.endpoints, [
      { name: "sell", subject: "kiosk.v2.request.sell", queue_group: "kiosk", ...zeroes },
      { name: "price", subject: "kiosk.v2.request.price", queue_group: "kiosk", ...zeroes },
    ]);
    const { type: _type, started: _started, endpoints: _endpoints, ...identity } = stats;
    const { type: _pingType, ...ping } = await ask(connection, "$SRV.PING");
    assert.equal(identity, ping);
    assert.equal(await ask(connection, "$SRV.STATS.kiosk"), stats);
    assert.equal(await ask(connection, `$SRV.STATS.kiosk.${stats.id}`), stats);
  });

  check("$SRV.STATS counts a handler that throws after an await as an error", async (world, connection) => {
    await using _server = await serveKiosk(world.transport(), noWork);
    await sell(connection, "paper");
    await sell(connection, "crash");
    const afterCrash = (await ask(connection, "$SRV.STATS")).endpoints[0];
    assert.is(afterCrash.num_requests, 2);
    assert.is(afterCrash.num_errors, 1);
    assert.match(afterCrash.last_error, /^INTERNAL/);
    assert.not.match(afterCrash.last_error, /till|fire/);

    await sell(connection, "none");
    await sell(connection, "paper");
    const afterAll = (await ask(connection, "$SRV.STATS")).endpoints[0];
    assert.is(afterAll.num_requests, 4);
    assert.is(afterAll.num_errors, 2);
    assert.is(afterAll.last_error, "SOLD_OUT: Nothing left");
  });

  check(
    "$SRV.STATS counts what is refused before the handler, and answers that do not fit",
    async (world, connection) => {
      await using _server = await serveKiosk(world.transport(), noWork);
      const errors: string[] = [];
      for (const body of ['{"sku":', '{"sku":1}', '{"sku":"wrong","quantity":1}']) {
        await send(connection, "kiosk.v2.request.sell", body);
        const { num_requests, num_errors, last_error } = (await ask(connection, "$SRV.STATS")).endpoints[0];
        assert.is(num_requests, num_errors);
        errors.push(`${num_errors} ${last_error.split(":")[0]}`);
      }
      assert.equal(errors, ["1 MALFORMED_MESSAGE", "2 INVALID_REQUEST", "3 INVALID_RESPONSE"]);
    },
  );

  check(
    "$SRV.STATS measures handlers that run at once, each from its arrival to its answer",
    async (world, connection) => {
      const clock = new FakeClock();
      let begun = 0;
      const { promise: allHaveBegun, resolve: tellAllHaveBegun } = withResolvers<void>();
      const { promise: go, resolve: letGo } = withResolvers<void>();
      await using _server = await serveKiosk(world.transport(), async () => {
        begun += 1;
        if (begun === 3) tellAllHaveBegun();
        await go;
      }, { clock });
      const answers = ["paper", "crash", "paper"].map((sku) => sell(connection, sku));
      await allHaveBegun;
      clock.advance(40);
      letGo();
      await Promise.all(answers);
      await send(connection, "kiosk.v2.request.price", '{"sku":"paper"}');

      const [selling, pricing] = (await ask(connection, "$SRV.STATS")).endpoints;
      assert.is(selling.num_requests, 3);
      assert.is(selling.num_errors, 1);
      assert.is(selling.processing_time, 120_000_000);
      assert.is(selling.average_processing_time, 40_000_000);
      assert.is(pricing.num_requests, 1);
      assert.is(pricing.processing_time, 0);
    },
  );

  check("two instances answer under ids of their own, each with its own counts", async (world, connection) => {
    await using first = await serveKiosk(world.transport(), noWork, { description: "first" });
    const { id: firstId } = await ask(connection, "$SRV.PING.kiosk");
    await using _second = await serveKiosk(world.transport(), noWork, { description: "second" });
    for (const subject of ["$SRV.PING", "$SRV.PING.kiosk", "$SRV.INFO", "$SRV.STATS.kiosk"]) {
      const answers = await askAll(world, subject, 2);
      assert.is(new Set(answers.map((answer) => answer.id)).size, 2, subject);
    }
    const pings = await askAll(world, "$SRV.PING", 2);
    const secondId = pings.map((ping) => ping.id).find((id) => id !== firstId);
    assert.is((await ask(connection, `$SRV.INFO.kiosk.${firstId}`)).description, "first");
    assert.is((await ask(connection, `$SRV.INFO.kiosk.${secondId}`)).description, "second");

    for (let count = 0; count < 10; count++) await sell(connection, "paper");
    const counts = await Promise.all([firstId, secondId].map(async (id) => {
      return (await ask(connection, `$SRV.STATS.kiosk.${id}`)).endpoints[0].num_requests;
    }));
    assert.is(counts[0] + counts[1], 10);

    await first.stop();
    await expectRejection(ask(connection, `$SRV.PING.kiosk.${firstId}`), { code: "NO_RESPONDERS" });
    assert.is((await ask(connection, "$SRV.PING")).id, secondId);
    for (let count = 0; count < 5; count++) await sell(connection, "paper");
    assert.is((await ask(connection, `$SRV.STATS.kiosk.${secondId}`)).endpoints[0].num_requests, counts[1] + 5);
  });

  check("nobody answers under another name or id, or before start() and after stop()", async (world, connection) => {
    const server = createMessagingServer({ contract: kiosk, transport: world.transport() });
    server.registerHandler("price", () => ({ price: 1 }));
    await expectRejection(ask(connection, "$SRV.PING"), { code: "NO_RESPONDERS" });
    await server.start({ partial: true });
    for (const subject of ["$SRV.PING.kiosque", "$SRV.INFO.kiosk.another", "$SRV.STATS.another"]) {
      await expectRejection(ask(connection, subject), { code: "NO_RESPONDERS" });
    }
    await ask(connection, "$SRV.PING");
    await server.stop();
    await expectRejection(ask(connection, "$SRV.PING"), { code: "NO_RESPONDERS" });
  });

  check("services of several contracts answer together", async (world) => {
    const news = createContract({ name: "news", version: "0.1.0", events: { told: v.object({ text: v.string() }) } });
    await using _kiosk = await serveKiosk(world.transport(), noWork);
    await using teller = createMessagingServer({ contract: news, transport: world.transport() });
    await teller.start();
    const infos = await askAll(world, "$SRV.INFO", 2);
    const shown = infos.map(({ name, version, endpoints }) => `${name} ${version} ${endpoints.length}`);
    assert.equal(shown.sort(), ["kiosk 2.4.1 2", "news 0.1.0 0"]);
  });

  check("a client of the same contract answers to none of it", async (world, connection) => {
    await using client = createMessagingClient({ contract: kiosk, transport: world.transport() });
    await client.connect();
    await expectRejection(ask(connection, "$SRV.PING"), { code: "NO_RESPONDERS" });
  });

  check("nothing is published to a reply subject that is no inbox", async (world) => {
    await using _server = await serveKiosk(world.transport(), noWork);
    const heard: string[] = [];
    await world.listen("elsewhere.>", (body) => heard.push(body));
    for (const verb of ["PING", "INFO", "STATS"]) await world.publish(`$SRV.${verb}`, "", `elsewhere.${verb}`);
    // Answered after those would have been, over the same connections.
    await askAll(world, "$SRV.PING", 1);
    assert.equal(heard, []);
  });

  check("whatever the body of a question, it is answered", async (world, connection) => {
    await using _server = await serveKiosk(world.transport(), noWork);
    for (const body of ["", "{}", "not JSON", "\u0000"]) {
      assert.is((await ask(connection, "$SRV.PING", body)).name, "kiosk");
    }
  });
}

describe("Discovery over memory", (test) => discoveryBehaviour(test, memoryWorld));
describeWithNatsServer("Discovery over NATS", {}, (test) => discoveryBehaviour(test, natsWorld));
