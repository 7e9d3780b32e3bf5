import * as assert from "uvu/assert";
import * as v from "valibot";
import { createContract, createMessagingServer } from "../../mod.ts";
import { contractStreams } from "../../src/durable/contract-streams.ts";
import { createGateway, type Gateway, type GatewayOptions } from "../../src/gateway/mod.ts";
import type { EventStore, StreamDefinition } from "../../src/transport/event-store.ts";
import { describe } from "../support/suite.ts";
import { until } from "../support/until.ts";
import { ownNamespace } from "../transport-behaviour/desk.ts";
import type { TransportKind } from "../transport-behaviour/transport-kind.ts";
import { answerOf, problemIn } from "./answer.ts";
import { type Frame, FrameReader } from "./frame-reader.ts";

const parcels = createContract({
  name: "parcels",
  version: "1.0.0",
  events: {
    moved: { schema: v.object({ id: v.number(), region: v.string() }), subject: "{region}", durable: true },
    weighed: { schema: v.object({ grams: v.number() }), durable: true },
    seen: v.object({ at: v.number() }),
  },
});

interface Depot extends AsyncDisposable {
  readonly store: EventStore;
  readonly stream: StreamDefinition;
  readonly gateway: Gateway;
  /** Another gateway on a transport of its own. */
  openGateway(options?: Partial<GatewayOptions>): Gateway;
  move(id: number, region?: string): Promise<void>;
  weigh(grams: number): Promise<void>;
  ask(query: string, lastEventId?: string, gateway?: Gateway): Promise<Response>;
  listen(query: string, lastEventId?: string, gateway?: Gateway): Promise<FrameReader>;
}

async function openDepot(kind: TransportKind): Promise<Depot> {
  const namespace = ownNamespace();
  const { events: stream } = contractStreams(parcels, namespace);
  const connection = await kind.connect().open();
  const store = await connection.eventStore!();
  await store.ensureStream(stream, { timeoutMs: 5_000, operation: "test" });
  const server = createMessagingServer({ contract: parcels, transport: kind.connect(), namespace });
  await server.start();
  const gateways: Gateway[] = [];
  const openGateway = (options: Partial<GatewayOptions> = {}): Gateway => {
    const made = createGateway({ contracts: [parcels], transport: kind.connect(), namespace, ...options });
    gateways.push(made);
    return made;
  };
  const gateway = openGateway();
  const ask: Depot["ask"] = (query, lastEventId, at = gateway) =>
    at.fetch(
      new Request(`http://gateway.example/parcels/v1/events?${query}`, {
        headers: lastEventId === undefined ? {} : { "Last-Event-ID": lastEventId },
      }),
    );
  return {
    store,
    stream,
    gateway,
    openGateway,
    move: async (id, region = "eu") => void await server.broadcast("moved", { id, region }),
    weigh: async (grams) => void await server.broadcast("weighed", { grams }),
    ask,
    listen: async (query, lastEventId, at) => FrameReader.of(await ask(query, lastEventId, at)),
    [Symbol.asyncDispose]: async () => {
      for (const opened of gateways) await opened.stop({ graceMs: 0 });
      await server.stop({ graceMs: 100 });
      await connection.close();
    },
  };
}

async function idsOf(frames: FrameReader, count: number): Promise<number[]> {
  const ids: number[] = [];
  while (ids.length < count) ids.push((await frames.data() as { id: number }).id);
  return ids;
}

const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** Stored events through a gateway: whoever comes back goes on where it was, at any gateway. */
export function storedEvents(kind: TransportKind): void {
  describe(`${kind.name}: stored events of the gateway`, (test) => {
    test("a stored event's id is its sequence, and a new stream says where it stands", async () => {
      await using depot = await openDepot(kind);
      await depot.weigh(1);
      await depot.move(1);
      const frames = await depot.listen("name=moved");
      assert.equal(await frames.next(), { headers: [], id: "2" });
      const before = Date.now();
      await depot.move(2);
      const frame = await frames.next() as Frame & { time: string };
      assert.equal({ ...frame, time: "" }, {
        id: "3",
        event: "moved",
        subject: "moved.eu",
        time: "",
        headers: [],
        data: '{"id":2,"region":"eu"}',
      });
      assert.ok(Math.abs(Number(frame.time) - before) < 60_000, frame.time);
      await frames.cancel();
    });

    test("whoever comes back with the last id misses nothing and hears nothing twice, at another gateway too", async () => {
      await using depot = await openDepot(kind);
      const other = depot.openGateway();
      const first = await depot.listen("name=moved");
      await first.next();
      for (const id of range(1, 3)) await depot.move(id);
      assert.equal(await idsOf(first, 3), [1, 2, 3]);
      await first.cancel();
      for (const id of range(4, 20)) {
        await depot.weigh(id);
        await depot.move(id);
      }
      for (const gateway of [depot.gateway, other]) {
        const again = await depot.listen("name=moved", "3", gateway);
        assert.equal(await idsOf(again, 17), range(4, 20));
        await again.cancel();
      }
      // Nothing was missed: what comes next is the next one.
      const last = await depot.listen("name=moved", "37", other);
      await depot.move(21);
      assert.equal(await idsOf(last, 1), [21]);
      await last.cancel();
    });

    test("events that are told while somebody catches up come behind what it missed, once each", async () => {
      await using depot = await openDepot(kind);
      for (const id of range(1, 300)) await depot.move(id);
      const readers = await Promise.all([
        depot.listen("name=moved&from=all"),
        depot.listen("name=moved", "100"),
        depot.listen("name=moved&from=250"),
        depot.listen("filter=moved.eu&from=all"),
      ]);
      const telling = (async () => {
        for (const id of range(301, 600)) await depot.move(id);
      })();
      assert.equal(await idsOf(readers[0]!, 600), range(1, 600));
      assert.equal(await idsOf(readers[1]!, 500), range(101, 600));
      assert.equal(await idsOf(readers[2]!, 351), range(250, 600));
      assert.equal(await idsOf(readers[3]!, 600), range(1, 600));
      await telling;
      for (const id of range(601, 610)) await depot.move(id);
      for (const reader of readers) {
        assert.equal(await idsOf(reader, 10), range(601, 610));
        await reader.cancel();
      }
      await until("nothing is left", async () => {
        const metrics = await (await depot.gateway.fetch(new Request("http://gateway.example/metrics"))).text();
        return /^messaging_gateway_streams 0$/m.test(metrics);
      });
    });

    test("a time is a place to begin at, and parameters choose", async () => {
      await using depot = await openDepot(kind);
      await depot.move(1, "eu");
      await depot.move(2, "us");
      const early = await depot.listen(`name=moved&region=us&from=${new Date(Date.now() - 60_000).toISOString()}`);
      assert.equal(await idsOf(early, 1), [2]);
      await early.cancel();
    });

    test("a gap that is gone is told by a reset, and what is left follows", async () => {
      await using depot = await openDepot(kind);
      for (const id of range(1, 10)) await depot.move(id);
      for (const sequence of range(1, 6)) {
        await depot.store.remove(depot.stream.name, sequence, { timeoutMs: 5_000, operation: "test" });
      }
      const frames = await depot.listen("name=moved", "3");
      assert.is((await frames.next())?.event, "gateway.reset");
      assert.equal(await idsOf(frames, 4), [7, 8, 9, 10]);
      await frames.cancel();
      // Where nothing of the gap is gone there is none.
      const whole = await depot.listen("name=moved", "8");
      assert.equal(await idsOf(whole, 2), [9, 10]);
      await whole.cancel();
    });

    test("an id that was never given is refused, and so is a place that is none", async () => {
      await using depot = await openDepot(kind);
      await depot.move(1);
      for (const id of ["2", "17", "-1", "1.5", "RDD0A0Jc-1", "01", "1e3", "9007199254740993", "x"]) {
        problemIn(await answerOf(await depot.ask("name=moved", id)), "INVALID_REQUEST", 400);
      }
      problemIn(await answerOf(await depot.ask("name=moved&from=9")), "INVALID_REQUEST", 400);
      for (
        const query of ["name=moved&from=", "name=moved&from=yesterday", "name=seen&from=all", "name=moved&from=0"]
      ) {
        problemIn(await answerOf(await depot.ask(query)), "INVALID_EVENT", 400);
      }
    });

    test("a reader that takes nothing holds nobody up, and what it is sent is bounded", async () => {
      await using depot = await openDepot(kind);
      for (const id of range(1, 2_000)) await depot.move(id);
      const idle = await depot.ask("name=moved&from=all");
      const frames = await depot.listen("name=moved&from=all");
      assert.equal(await idsOf(frames, 2_000), range(1, 2_000));
      await frames.cancel();
      await idle.body!.cancel();
    });
  });
}
