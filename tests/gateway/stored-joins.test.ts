import * as assert from "uvu/assert";
import * as v from "valibot";
import {
  createContract,
  createMessagingServer,
  type EventStore,
  MemoryBroker,
  MemoryTransport,
  MessagingError,
  type ReplayOptions,
} from "../../mod.ts";
import { createGateway } from "../../src/gateway/mod.ts";
import { describe } from "../support/suite.ts";
import { withStore } from "../support/with-store.ts";
import { FrameReader } from "./frame-reader.ts";

const parcels = createContract({
  name: "parcels",
  version: "1.0.0",
  events: { moved: { schema: v.object({ id: v.number() }), durable: true } },
});

interface Depot extends AsyncDisposable {
  readonly move: (id: number) => Promise<void>;
  readonly listen: (query: string, lastEventId?: string) => Promise<FrameReader>;
}

async function openDepot(change: (store: EventStore) => Partial<EventStore>): Promise<Depot> {
  const broker = new MemoryBroker();
  const server = createMessagingServer({ contract: parcels, transport: new MemoryTransport({ broker }) });
  await server.start();
  const transport = withStore(new MemoryTransport({ broker }), change);
  const gateway = createGateway({ contracts: [parcels], transport });
  return {
    move: async (id) => void await server.broadcast("moved", { id }),
    listen: async (query, lastEventId) => {
      const headers = new Headers(lastEventId === undefined ? {} : { "Last-Event-ID": lastEventId });
      return await FrameReader.of(
        await gateway.fetch(new Request(`http://gateway.example/parcels/v1/events?${query}`, { headers })),
      );
    },
    [Symbol.asyncDispose]: async () => {
      await gateway.stop({ graceMs: 0 });
      await server.stop();
    },
  };
}

describe("Joining a stored event's stream", (test) => {
  test("misses nothing that all were told while the broker's answer was on its way", async () => {
    let onAnswer: (() => Promise<void>) | undefined;
    const heard: number[] = [];
    await using depot = await openDepot((store) => ({
      bounds: async (...asked) => {
        const answer = await store.bounds(...asked);
        await onAnswer?.();
        return answer;
      },
    }));
    await depot.move(1);
    const first = await depot.listen("name=moved");
    await first.next();
    onAnswer = async () => {
      onAnswer = undefined;
      await depot.move(2);
      heard.push((await first.data() as { id: number }).id);
    };
    const second = await depot.listen("name=moved", "1");
    await depot.move(3);
    assert.equal(heard, [2]);
    const ids = [await second.data(), await second.data()].map((event) => (event as { id: number }).id);
    assert.equal(ids, [2, 3]);
    await Promise.all([first.cancel(), second.cancel()]);
  });

  test("ends where reading has ended for good: whoever listens is told, and the next one reads anew", async () => {
    const states: ReplayOptions["onState"][] = [];
    await using depot = await openDepot((store) => ({
      replay: (options) => {
        states.push(options.onState);
        return store.replay(options);
      },
    }));
    const first = await depot.listen("name=moved");
    await first.next();
    states[0]!("ended", new MessagingError("FORBIDDEN", "The right to read was taken away"));
    assert.is((await first.end()).code, "FORBIDDEN");
    const second = await depot.listen("name=moved");
    await second.next();
    await depot.move(1);
    assert.equal(await second.data(), { id: 1 });
    await second.cancel();
  });
});
