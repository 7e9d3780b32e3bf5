import { startNatsServer } from "../../support/nats-server.ts";
import type { Experiment } from "../experiment.ts";
import { none } from "../figures.ts";
import { pauseMs } from "../pause-ms.ts";
import { repeatFaults } from "../repeat-faults.ts";
import { judgeEventLog } from "./event-log.ts";
import { ParcelScene } from "./parcel-scene.ts";

const amounts = {
  small: { events: 800, perSecond: 200, everyMs: 900, forMs: 3_200 },
  large: { events: 4_000, perSecond: 200, everyMs: 850, forMs: 19_500 },
};
const downMs = 100;

/** D2: the broker that stores events is killed again and again. */
export const storedBrokerKills: Experiment = {
  id: "D2",
  promise: "No event that was acknowledged is lost and none is stored twice while the broker is killed again and again",
  sizes: { small: "800 events, 3 kills", large: "4,000 events, 20 kills" },
  contenders: ["ours"],
  runtimes: [],
  largeLimitMs: 120_000,
  run: async ({ size }) => {
    const { events, perSecond, ...schedule } = amounts[size];
    await using broker = await startNatsServer({ jetstream: true });
    await using scene = await ParcelScene.open([broker.url]);
    await scene.startConsumer({ durable: "billing", concurrency: 32, ackWaitMs: 2_000, handlerMs: 1 });
    const sequences = new Map<number, number>();
    let duplicates = 0;
    const telling = (async () => {
      const told: Promise<void>[] = [];
      const start = performance.now();
      for (let id = 1; id <= events; id++) {
        const inMs = start + id * 1_000 / perSecond - performance.now();
        if (inMs > 0) await pauseMs(inMs);
        told.push(
          scene.server.broadcast("moved", { id, key: String(id) }, { timeoutMs: 10_000 }).then(
            ({ sequence, duplicate }) => {
              sequences.set(id, sequence);
              if (duplicate) duplicates += 1;
            },
            () => {},
          ),
        );
      }
      await Promise.all(told);
    })();
    const { times } = await repeatFaults(telling, schedule, async () => {
      await broker.kill();
      await pauseMs(downMs);
      await broker.restart();
    });
    await scene.handled(sequences.size, 30_000);
    const deliveries = scene.deliveries();
    const ended = new Set(deliveries.filter((delivery) => delivery.ended).map(({ id }) => id));
    const bySequence = new Map(deliveries.map(({ sequence, id }) => [sequence, id]));
    return [
      { name: "kills", value: times },
      { name: "told", value: events },
      { name: "acknowledged", value: sequences.size },
      { name: "acknowledged at a second try", value: duplicates },
      {
        name: "acknowledged and lost",
        value: [...sequences.keys()].filter((id) => !ended.has(id)).length,
        limit: none,
      },
      { name: "stored twice", value: bySequence.size - new Set(bySequence.values()).size, limit: none },
      { name: "came again and did not say so", value: judgeEventLog(deliveries, events).unflagged },
    ];
  },
};
