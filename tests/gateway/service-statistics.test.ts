import * as assert from "uvu/assert";
import * as v from "valibot";
import {
  createContract,
  createMessagingClient,
  createMessagingServer,
  MemoryBroker,
  MemoryTransport,
  NatsTransport,
  silentLogger,
  type Transport,
  type TransportConnection,
} from "../../mod.ts";
import { type ServiceStatistics, ServiceStatisticsReader } from "../../src/gateway/service-statistics.ts";
import { systemClock } from "../../src/transport/clock.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { describe } from "../support/suite.ts";
import { until } from "../support/until.ts";
import { kiosk, serveKiosk } from "../discovery/kiosk.ts";

const encoder = new TextEncoder();
const work = (): Promise<void> => Promise.resolve();
const newKiosk = createContract({
  name: "kiosk",
  version: "3.0.0",
  requests: { sell: { request: v.object({ sku: v.string() }), response: v.string() } },
});

function readerOf(connection: TransportConnection, options: { namespace?: string } = {}): ServiceStatisticsReader {
  const contracts = [kiosk, newKiosk];
  return new ServiceStatisticsReader({
    contracts,
    join: () => connection,
    clock: systemClock,
    logger: silentLogger,
    ...options,
  });
}

/** Ids, times and averages are different each time: what is left can be compared as a whole. */
function comparable({ contracts }: ServiceStatistics): unknown[] {
  return contracts.map(({ name, version, instances }) => [
    `${name} ${version}`,
    ...instances.map((instance) => [
      instance.version,
      ...instance.endpoints.map(({ name, requests, errors }) => `${name} ${requests} ${errors}`),
    ]),
  ]);
}

/** Two servers of one contract, one of its next major version and one in another namespace, all used. */
async function tellsWhoServes(transport: Transport): Promise<void> {
  await using _one = await serveKiosk(transport, work);
  await using _other = await serveKiosk(transport, work);
  await using _elsewhere = await serveKiosk(transport, work, { namespace: "elsewhere" });
  await using newServer = createMessagingServer({ contract: newKiosk, transport });
  newServer.registerHandler("sell", ({ sku }) => sku);
  await newServer.start();
  await using client = createMessagingClient({ contract: kiosk, transport });
  await client.connect();
  await using newClient = createMessagingClient({ contract: newKiosk, transport });
  await newClient.connect();
  await using elsewhere = createMessagingClient({ contract: kiosk, transport, namespace: "elsewhere" });
  await elsewhere.connect();
  for (let count = 0; count < 4; count++) {
    await client.request("price", { sku: "A1" });
    await expectRejection(client.request("sell", { sku: "crash", quantity: 1 }), { code: "INTERNAL" });
  }
  await newClient.request("sell", { sku: "A1" });
  await elsewhere.request("price", { sku: "A1" });

  const connection = await transport.open();
  const startedAt = performance.now();
  const statistics = await readerOf(connection).read();
  assert.ok(performance.now() - startedAt < 1_500);
  const [sums, next] = comparable(statistics) as [[string, ...[string, ...string[]][]], unknown];
  assert.is(sums[0], "kiosk 2.4.1");
  // A queue group shares the requests out as it likes.
  const numbers = sums.slice(1).flat().map((text) => String(text).split(" "));
  const sumOf = (name: string, field: number) =>
    numbers.filter((words) => words[0] === name).reduce((sum, words) => sum + Number(words[field]), 0);
  assert.equal([sumOf("price", 1), sumOf("price", 2), sumOf("sell", 1), sumOf("sell", 2)], [4, 0, 4, 4]);
  assert.is(sums.length, 3, "two instances");
  assert.equal(next, ["kiosk 3.0.0", ["3.0.0", "sell 1 0"]]);
  for (const { id, started, endpoints } of statistics.contracts.flatMap(({ instances }) => instances)) {
    assert.match(id, /^[\w-]{8,}$/);
    assert.ok(Math.abs(Date.now() - Date.parse(started)) < 60_000);
    for (const { averageProcessingMs } of endpoints) assert.ok(averageProcessingMs >= 0 && averageProcessingMs < 1_000);
  }
  assert.not.match(JSON.stringify(statistics), /fire|crash|lastError|last_error/i, "what an error says stays inside");

  assert.equal(comparable(await readerOf(connection, { namespace: "elsewhere" }).read()), [
    ["kiosk 2.4.1", ["2.4.1", "sell 0 0", "price 1 0"]],
    ["kiosk 3.0.0"],
  ]);
  await connection.close();
}

describe("ServiceStatisticsReader", (test) => {
  test("tells who serves the contracts, and how often each request was taken and failed", () =>
    tellsWhoServes(new MemoryTransport()));

  test("asks once for all who want to know within a second, and says when it asked", async () => {
    const clock = new FakeClock();
    const broker = new MemoryBroker();
    await using server = await serveKiosk(new MemoryTransport({ broker }), work);
    let asked = 0;
    broker.subscribe({ subject: "$SRV.STATS.kiosk", deliver: () => asked += 1 });
    const connection = await new MemoryTransport({ broker, clock }).open();
    const reader = new ServiceStatisticsReader({
      contracts: [kiosk, newKiosk],
      join: () => connection,
      clock,
      logger: silentLogger,
    });
    const answers = Array.from({ length: 100 }, () => reader.read());
    await until("the question", () => asked === 1);
    clock.advance(510);
    const [first, ...others] = await Promise.all(answers);
    assert.is(first!.contracts[0]!.instances.length, 1);
    for (const other of others) assert.is(other, first);
    clock.advance(990);
    assert.is(await reader.read(), first);
    assert.is(asked, 1);
    clock.advance(20);
    const second = reader.read();
    await until("another question", () => asked === 2);
    clock.advance(510);
    assert.is(Date.parse((await second).at) - Date.parse(first!.at), 1_520);
    assert.is(clock.timersWaiting, 0);
    await connection.close();
    assert.is(server.status, "connected");
  });

  test("answers within its time when nobody serves, and says so", async () => {
    const connection = await new MemoryTransport().open();
    assert.equal(comparable(await readerOf(connection).read()), [["kiosk 2.4.1"], ["kiosk 3.0.0"]]);
    await connection.close();
  });

  test("believes no answer that does not look like statistics of these requests", async () => {
    const sound = {
      name: "kiosk",
      id: "A1",
      version: "2.4.1",
      started: "2026-11-23T10:00:00Z",
      endpoints: [{
        name: "<b>sell</b>",
        subject: "kiosk.v2.request.sell",
        num_requests: 3,
        num_errors: 1,
        last_error: "<script>",
        processing_time: 6_000_000,
        average_processing_time: 2_000_400,
        data: { secret: "hunter2" },
      }],
    };
    const [endpoint] = sound.endpoints;
    const answers = [
      ...["", "null", "7", "[]", '"a"', "{", "\xff", '{"endpoints":[null]}', '{"__proto__":{}}'],
      ...[
        { ...sound, id: "a b" },
        { ...sound, id: "x".repeat(65) },
        { ...sound, id: 7 },
        { ...sound, id: "B", version: "<i>" },
        { ...sound, id: "C", started: "yesterday" },
        { ...sound, id: "D", started: 7 },
        { ...sound, id: "E", endpoints: {} },
        { ...sound, id: "F", endpoints: [{ ...endpoint, subject: "kiosk.v2.request.__proto__" }] },
        { ...sound, id: "G", endpoints: [{ ...endpoint, subject: { toString: 7 } }] },
        { ...sound, id: "H", endpoints: [{ ...endpoint, num_requests: "3" }] },
        { ...sound, id: "I", endpoints: [{ ...endpoint, num_errors: -1 }] },
        { ...sound, id: "J", endpoints: [{ ...endpoint, average_processing_time: null }] },
        sound,
        { ...sound, version: "2.4.2" },
        { ...sound, id: "A0", started: "2026-11-23T09:00:00Z", endpoints: [...sound.endpoints, ...sound.endpoints] },
      ].map((answer) => JSON.stringify(answer)),
    ];
    const transport = new MemoryTransport();
    const connection = await transport.open();
    connection.subscribe("$SRV.STATS.kiosk", {
      onMessage: ({ replySubject }) => {
        for (const answer of answers) connection.send(replySubject!, encoder.encode(answer));
      },
    });
    const { contracts } = await readerOf(connection).read();
    const endpoints = [{ name: "sell", requests: 3, errors: 1, averageProcessingMs: 2 }];
    assert.equal(contracts, [
      {
        name: "kiosk",
        version: "2.4.1",
        instances: [
          { id: "A0", version: "2.4.1", started: "2026-11-23T09:00:00.000Z", endpoints },
          { id: "A1", version: "2.4.1", started: "2026-11-23T10:00:00.000Z", endpoints },
        ],
      },
      { name: "kiosk", version: "3.0.0", instances: [] },
    ]);
    await connection.close();
  });

  test("rejects for all who wait when the connection ends, and asks again later", async () => {
    const clock = new FakeClock();
    const connection = await new MemoryTransport({ clock }).open();
    connection.subscribe("$SRV.STATS.kiosk", { onMessage: () => {} });
    const reader = new ServiceStatisticsReader({
      contracts: [kiosk],
      join: () => connection,
      clock,
      logger: silentLogger,
    });
    const rejected = [reader.read(), reader.read()].map((read) => expectRejection(read, { code: "DISCONNECTED" }));
    await connection.close();
    await Promise.all(rejected);
    clock.advance(1_010);
    await expectRejection(reader.read(), { code: "DISCONNECTED", message: /Cannot send/ });
  });
});

describeWithNatsServer("ServiceStatisticsReader over NATS", {}, (test) => {
  test("tells who serves the contracts, and how often each request was taken and failed", async () => {
    await using broker = await startNatsServer();
    await tellsWhoServes(new NatsTransport({ servers: broker.url }));
  });
});
