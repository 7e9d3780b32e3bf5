import type { Program } from "../../support/program.ts";
import { startNatsServer } from "../../support/nats-server.ts";
import { seededRandom } from "../../support/seeded-random.ts";
import type { Experiment } from "../experiment.ts";
import { none } from "../figures.ts";
import { pauseMs } from "../pause-ms.ts";
import { judgeEventLog } from "./event-log.ts";
import { ParcelScene } from "./parcel-scene.ts";

const workers = 4;
const amounts = { small: { keys: 50, each: 20, kills: 3 }, large: { keys: 1_000, each: 100, kills: 20 } };

/** D5: the events of a key, handled in order by several instances that are killed. */
export const orderedKills: Experiment = {
  id: "D5",
  promise:
    "The events of one key are handled in their order, by whichever instance, however often instances are killed",
  sizes: { small: "50 keys × 20 events, 4 workers, 3 kills", large: "1,000 keys × 100 events, 4 workers, 20 kills" },
  contenders: ["ours"],
  runtimes: [],
  largeLimitMs: 600_000,
  run: async ({ size, seed }) => {
    const { keys, each, kills } = amounts[size];
    const random = seededRandom(seed);
    await using broker = await startNatsServer({ jetstream: true });
    await using scene = await ParcelScene.open([broker.url]);
    await scene.tell(1, keys * each, (id) => `key-${id % keys}`);
    const common = { durable: "billing", concurrency: 64, ackWaitMs: 2_000, handlerMs: 2, orderedBy: "key" } as const;
    const start = (): Promise<Program> => scene.startConsumer(common);
    const running = await Promise.all(Array.from({ length: workers }, start));
    for (let kill = 0; kill < kills; kill++) {
      await pauseMs(700 + random.below(600));
      // The one that has the work is the one to kill; which it is the log's last line says.
      const last = scene.deliveries().at(-1)?.process;
      const at = Math.max(0, running.findIndex(({ pid }) => pid === last));
      await running[at]![Symbol.asyncDispose]();
      running[at] = await start();
    }
    const done = await scene.handled(keys * each, 240_000);
    const deliveries = scene.deliveries();
    const { lost, outOfOrder, redeliveries, unflagged } = judgeEventLog(deliveries, keys * each);
    return [
      { name: "kills", value: kills },
      { name: "workers that handled some", value: new Set(deliveries.map(({ process }) => process)).size },
      { name: "all handled", value: Number(done), limit: { atLeast: 1 } },
      { name: "lost", value: lost, limit: none },
      { name: "out of order", value: outOfOrder, limit: none },
      { name: "came again", value: redeliveries },
      { name: "came again and did not say so", value: unflagged, limit: none },
    ];
  },
};
