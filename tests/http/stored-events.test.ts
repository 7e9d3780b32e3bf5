// What a caller of a gateway has of stored events: it reads them from anywhere, and goes on where it was.
import * as assert from "uvu/assert";
import * as v from "valibot";
import {
  createContract,
  createMessagingClient,
  createMessagingServer,
  HttpTransport,
  MemoryBroker,
  MemoryTransport,
} from "../../mod.ts";
import { createGateway, type Gateway, type GatewayOptions } from "../../src/gateway/mod.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { describe } from "../support/suite.ts";
import { until } from "../support/until.ts";

const parcels = createContract({
  name: "parcels",
  version: "1.0.0",
  roles: { clerk: {} },
  events: {
    moved: {
      schema: v.object({ id: v.number(), region: v.string() }),
      subject: "{region}",
      access: { subscribe: ["clerk"] },
      durable: true,
    },
    seen: { schema: v.object({ at: v.number() }), access: { subscribe: ["clerk"] } },
  },
});

const authenticate: NonNullable<GatewayOptions["authenticate"]> = ({ token }) =>
  token === "clerk" ? { id: "clerk", roles: ["clerk"] } : undefined;

async function openDepot() {
  const broker = new MemoryBroker();
  const server = createMessagingServer({ contract: parcels, transport: new MemoryTransport({ broker }), authenticate });
  await server.start();
  let gateway: Gateway | undefined;
  const openGateway = (): void => {
    gateway = createGateway({ contracts: [parcels], transport: new MemoryTransport({ broker }), authenticate });
  };
  openGateway();
  const urls: string[] = [];
  const transport = new HttpTransport({
    url: "https://gateway.example",
    fetch: (url, init) => {
      urls.push(String(url));
      return gateway === undefined ? Promise.reject(new TypeError("refused")) : gateway.fetch(new Request(url, init));
    },
  });
  const client = createMessagingClient({ contract: parcels, transport, token: "clerk" });
  await client.connect();
  return {
    broker,
    server,
    client,
    urls,
    move: (id: number, region = "eu") => server.broadcast("moved", { id, region }),
    openGateway,
    /** Ends the gateway as it would end by itself: its streams break off. */
    closeGateway: async () => {
      const closing = gateway;
      gateway = undefined;
      await closing?.stop({ graceMs: 0 });
    },
    [Symbol.asyncDispose]: async () => {
      await client.disconnect();
      await gateway?.stop({ graceMs: 0 });
      await server.stop({ graceMs: 100 });
    },
  };
}

describe("Stored events over HTTP", (test) => {
  test("are read from the first one, from a sequence and from a time, with their context", async () => {
    await using depot = await openDepot();
    const before = new Date(Date.now() - 60_000);
    for (const id of [1, 2, 3]) await depot.move(id);
    const seen: [string, number, number][] = [];
    for (const [name, from] of [["all", "all"], ["sequence", 2], ["time", before]] as const) {
      await depot.client.subscribe("moved", { from }, ({ id }, { sequence, attempt, publishedAt }) => {
        assert.equal([attempt, Math.abs(publishedAt.getTime() - Date.now()) < 60_000], [1, true]);
        seen.push([name, id, sequence]);
      }).ready;
    }
    await until("all came", () => seen.length >= 8);
    assert.equal(seen.filter(([name]) => name === "all"), [["all", 1, 1], ["all", 2, 2], ["all", 3, 3]]);
    assert.equal(seen.filter(([name]) => name === "sequence"), [["sequence", 2, 2], ["sequence", 3, 3]]);
    assert.equal(seen.filter(([name]) => name === "time"), [["time", 1, 1], ["time", 2, 2], ["time", 3, 3]]);
  });

  test("go on where they were when the gateway comes back, one with a memory of its own and one from now on", async () => {
    await using depot = await openDepot();
    await depot.move(1);
    const [replayed, heard, statuses]: [number[], number[], string[]] = [[], [], []];
    const gaps: unknown[] = [];
    const replay = depot.client.subscribe("moved", { from: "all", onGap: (gap) => gaps.push(gap) }, ({ id }) => {
      replayed.push(id);
    });
    replay.onStatus((status) => statuses.push(status));
    await replay.ready;
    await depot.client.subscribe("moved", { onGap: (gap) => gaps.push(gap) }, ({ id }) => void heard.push(id)).ready;
    await depot.closeGateway();
    await until("it is seen", () => replay.status === "degraded");
    for (const id of [2, 3, 4]) await depot.move(id);
    depot.openGateway();
    await until("all came", () => replayed.length >= 4 && heard.length >= 3);
    await depot.move(5);
    await until("the next one came", () => replayed.includes(5) && heard.includes(5));
    assert.equal([replayed, heard, gaps], [[1, 2, 3, 4, 5], [2, 3, 4, 5], []]);
    assert.equal(statuses, ["active", "degraded", "active"]);
  });

  test("of a stream that is another one begin anew, and the gap is told", async () => {
    await using depot = await openDepot();
    for (const id of [1, 2, 3]) await depot.move(id);
    const seen: number[] = [];
    const gaps: string[] = [];
    await depot.client.subscribe("moved", { from: "all", onGap: ({ reason }) => gaps.push(reason) }, ({ id }) => {
      seen.push(id);
    }).ready;
    await until("three came", () => seen.length === 3);
    await depot.closeGateway();
    depot.broker.deleteStream("PARCELS_V1");
    await depot.move(4);
    depot.openGateway();
    await until("the new one came", () => seen.includes(4));
    assert.equal([seen, gaps], [[1, 2, 3, 4], ["reset"]]);
  });

  test("are handled one after another: the next one waits for its handler", async () => {
    await using depot = await openDepot();
    for (let id = 1; id <= 50; id++) await depot.move(id);
    let [running, most] = [0, 0];
    const seen: number[] = [];
    await depot.client.subscribe("moved", { from: "all" }, async ({ id }) => {
      most = Math.max(most, running += 1);
      await Promise.resolve();
      running -= 1;
      seen.push(id);
    }).ready;
    await until("all came", () => seen.length === 50);
    assert.equal([most, seen], [1, Array.from({ length: 50 }, (_, index) => index + 1)]);
  });

  test("end with the subscription, and with the client", async () => {
    await using depot = await openDepot();
    const seen: number[] = [];
    const first = depot.client.subscribe("moved", { from: "all" }, ({ id }) => void seen.push(id));
    await first.ready;
    await first.unsubscribe();
    assert.is(first.status, "ended");
    const second = depot.client.subscribe("moved", { from: "all" }, ({ id }) => void seen.push(id));
    await second.ready;
    await depot.client.disconnect();
    assert.is(second.status, "ended");
    await depot.move(1);
    assert.equal(seen, []);
  });

  test("are refused to who may not listen, and durable names where there are none", async () => {
    await using depot = await openDepot();
    await expectRejection(depot.client.subscribe("moved", { durable: "billing" }, () => {}).ready, {
      code: "UNSUPPORTED",
    });
    await assertRefused(depot);
  });
});

async function assertRefused(depot: Awaited<ReturnType<typeof openDepot>>): Promise<void> {
  const stranger = createMessagingClient({
    contract: parcels,
    transport: new HttpTransport({
      url: "https://gateway.example",
      fetch: (url, init) =>
        createGateway({
          contracts: [parcels],
          transport: new MemoryTransport({ broker: depot.broker }),
          authenticate,
        }).fetch(new Request(url, init)),
    }),
    token: "nobody",
  });
  await stranger.connect();
  await expectRejection(stranger.subscribe("moved", { from: "all" }, () => {}).ready, { code: "UNAUTHENTICATED" });
  await stranger.disconnect();
}
