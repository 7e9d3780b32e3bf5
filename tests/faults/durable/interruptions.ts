import {
  type Contract,
  createMessagingClient,
  createMessagingServer,
  type MessagingServer,
  NatsTransport,
} from "../../../mod.ts";
import { startNatsCluster } from "../../support/nats-cluster.ts";
import { startNatsServer } from "../../support/nats-server.ts";
import { until } from "../../support/until.ts";
import type { Experiment } from "../experiment.ts";
import type { Figure, Size } from "../figures.ts";
import { pauseMs } from "../pause-ms.ts";
import { askJetStream } from "./ask-jetstream.ts";
import { parcels, replicatedParcels } from "./parcels-contract.ts";

const stream = "PARCELS_V1";
const consumer = "billing=moved";
const resumeLimitMs = 10_000;
const outageMs: Readonly<Record<Size, number>> = { small: 4_000, large: 300_000 };

/** What happens to the broker under a durable subscription. */
type Interruption = (urls: readonly string[]) => Promise<void>;

/** D4: what a durable subscription reads is taken away. */
export const interruptions: Experiment = {
  id: "D4",
  promise:
    "A durable subscription goes on by itself when its stream or consumer is gone, its leader moves, or after an outage",
  sizes: { small: "each once, an outage of 4 s", large: "each once, an outage of five minutes" },
  contenders: ["ours"],
  runtimes: [],
  largeLimitMs: 500_000,
  run: async ({ size }) => {
    const figures: Figure[] = [];
    {
      await using broker = await startNatsServer({ jetstream: true });
      const urls = [broker.url];
      await using seen = await openSubscription(urls, parcels);
      const hurt = async (name: string, interruption: Interruption): Promise<void> => {
        figures.push(...await resume(name, seen, () => interruption(urls)));
      };
      await hurt("consumer deleted", (to) => askJetStream(to, `CONSUMER.DELETE.${stream}.${consumer}`));
      await hurt("stream deleted", (to) => askJetStream(to, `STREAM.DELETE.${stream}`));
      await hurt("outage", async () => {
        await broker.kill();
        await pauseMs(outageMs[size]);
        await broker.restart();
      });
      figures.push({ name: "told twice", value: seen.repeated });
    }
    await using cluster = await startNatsCluster(3, "", { jetstream: true });
    await using seen = await openSubscription(cluster.urls, replicatedParcels);
    figures.push(
      ...await resume("stream's leader moved", seen, () => {
        return askJetStream(cluster.urls, `STREAM.LEADER.STEPDOWN.${stream}`);
      }),
    );
    figures.push(
      ...await resume("consumer's leader moved", seen, () => {
        return askJetStream(cluster.urls, `CONSUMER.LEADER.STEPDOWN.${stream}.${consumer}`);
      }),
    );
    return figures;
  },
};

interface Seen extends AsyncDisposable {
  readonly server: MessagingServer<typeof parcels>;
  readonly handled: Set<number>;
  readonly statuses: string[];
  repeated: number;
  nextId: number;
}

async function openSubscription(servers: readonly string[], contract: Contract): Promise<Seen> {
  const transport = new NatsTransport({ servers });
  const server = createMessagingServer({ contract: contract as typeof parcels, transport });
  await until("the service has its streams", () => server.start().then(() => true, () => false), 30_000);
  const client = createMessagingClient({ contract: contract as typeof parcels, transport });
  await client.connect();
  const handled = new Set<number>();
  const seen: Seen = {
    server,
    handled,
    statuses: [],
    repeated: 0,
    nextId: 1,
    [Symbol.asyncDispose]: async () => {
      await client.disconnect();
      await server.stop({ graceMs: 0 });
    },
  };
  const subscription = client.subscribe("moved", { durable: "billing", from: "all", concurrency: 4 }, ({ id }) => {
    if (handled.has(id)) seen.repeated += 1;
    handled.add(id);
  });
  subscription.onStatus((status) => seen.statuses.push(status));
  // While nothing can be reached it is the client that says so.
  client.onStatus((status) => seen.statuses.push(status));
  await subscription.ready;
  await tellOne(seen);
  return seen;
}

/** One event, told until it is stored and waited for until it is handled. */
async function tellOne(seen: Seen): Promise<void> {
  const id = seen.nextId++;
  await until(`event ${id} is stored`, async () => {
    return await seen.server.broadcast("moved", { id, key: "k" }, { id: String(id), timeoutMs: 5_000 }).then(
      () => true,
      () => false,
    );
  }, 60_000);
  await until(`event ${id} is handled`, () => seen.handled.has(id), 60_000);
}

/** How long it takes until an event that is told after the interruption is handled. */
async function resume(name: string, seen: Seen, interruption: () => Promise<void>): Promise<Figure[]> {
  seen.statuses.length = 0;
  await interruption();
  const startedAt = performance.now();
  await tellOne(seen);
  const tookMs = performance.now() - startedAt;
  await until("it is well again", () => {
    return seen.statuses.length === 0 || /^(active|connected)$/.test(seen.statuses.at(-1)!);
  }, 20_000);
  const figures: Figure[] = [
    { name: `${name}: handled again after`, value: tookMs, unit: "ms", limit: { atMost: resumeLimitMs } },
  ];
  // A leader that moves may be back before anybody has missed it.
  if (!/leader/.test(name)) {
    const shown = seen.statuses.some((status) => status === "degraded" || status === "reconnecting");
    figures.push({ name: `${name}: shown by the status`, value: Number(shown), limit: { atLeast: 1 } });
  }
  return figures;
}
