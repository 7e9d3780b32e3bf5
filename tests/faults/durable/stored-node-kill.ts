import { startNatsCluster } from "../../support/nats-cluster.ts";
import type { Experiment } from "../experiment.ts";
import { none } from "../figures.ts";
import { pauseMs } from "../pause-ms.ts";
import { judgeEventLog } from "./event-log.ts";
import { ParcelScene } from "./parcel-scene.ts";

const amounts = { small: { events: 600, perSecond: 200 }, large: { events: 4_000, perSecond: 200 } };
const concurrency = 8;

/** D6: a node of a cluster dies while its streams are written and read. */
export const storedNodeKill: Experiment = {
  id: "D6",
  promise: "With three replicas a node may die in the middle: nothing acknowledged is lost, nothing is stored twice",
  sizes: { small: "600 events, a node and a consumer killed", large: "4,000 events, a node and 10 consumers killed" },
  contenders: ["ours"],
  runtimes: [],
  largeLimitMs: 180_000,
  run: async ({ size }) => {
    const { events, perSecond } = amounts[size];
    const consumerKills = size === "large" ? 10 : 1;
    await using cluster = await startNatsCluster(3, "", { jetstream: true });
    await using scene = await ParcelScene.open(cluster.urls, { replicated: true });
    const common = { durable: "billing", concurrency, ackWaitMs: 2_000, handlerMs: 2, replicated: true };
    let consumer = await scene.startConsumer(common);
    const acknowledged = new Map<number, number>();
    let failed = 0;
    const told: Promise<void>[] = [];
    const start = performance.now();
    const telling = (async () => {
      for (let id = 1; id <= events; id++) {
        const inMs = start + id * 1_000 / perSecond - performance.now();
        if (inMs > 0) await pauseMs(inMs);
        told.push(
          scene.server.broadcast("moved", { id, key: String(id) }, { timeoutMs: 20_000 }).then(
            ({ sequence }) => void acknowledged.set(id, sequence),
            () => void (failed += 1),
          ),
        );
      }
    })();
    const wholeMs = events * 1_000 / perSecond;
    await pauseMs(wholeMs / 3);
    await cluster.nodes[0]!.kill();
    for (let kill = 0; kill < consumerKills; kill++) {
      await pauseMs(wholeMs / 3 / consumerKills);
      await consumer[Symbol.asyncDispose]();
      consumer = await scene.startConsumer(common);
    }
    await cluster.nodes[0]!.restart();
    await telling;
    await Promise.all(told);
    await scene.handled(acknowledged.size, 60_000);
    const deliveries = scene.deliveries();
    const ended = new Set(deliveries.filter((delivery) => delivery.ended).map(({ id }) => id));
    const bySequence = new Map(deliveries.map(({ sequence, id }) => [sequence, id]));
    const { redeliveries, unflagged } = judgeEventLog(deliveries, events);
    return [
      { name: "acknowledged", value: acknowledged.size },
      { name: "refused", value: failed },
      {
        name: "acknowledged and lost",
        value: [...acknowledged.keys()].filter((id) => !ended.has(id)).length,
        limit: none,
      },
      { name: "stored twice", value: bySequence.size - new Set(bySequence.values()).size, limit: none },
      { name: "came again", value: redeliveries },
      { name: "came again and did not say so", value: unflagged },
      { name: "dead letters", value: await scene.deadLetters("billing"), limit: none },
    ];
  },
};
