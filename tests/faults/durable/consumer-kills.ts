import { startNatsServer } from "../../support/nats-server.ts";
import { seededRandom } from "../../support/seeded-random.ts";
import type { Experiment } from "../experiment.ts";
import { none } from "../figures.ts";
import { readEventCounter } from "./event-counter.ts";
import { judgeEventLog } from "./event-log.ts";
import { killPoints } from "./kill-points.ts";
import { ParcelScene } from "./parcel-scene.ts";

const concurrency = 8;
const ackWaitMs = 1_000;
const amounts = { small: { events: 400, kills: 16, most: 20 }, large: { events: 10_000, kills: 200, most: 40 } };

/** D1: a durable consumer that is killed again and again. */
export const consumerKills: Experiment = {
  id: "D1",
  promise:
    "A stored event reaches its handler however often the consumer is killed, one that comes again says so, and an inbox makes its effect happen once",
  sizes: { small: "400 events, 16 kills at 8 points", large: "10,000 events, 200 kills at 8 points" },
  contenders: ["ours"],
  runtimes: [],
  largeLimitMs: 900_000,
  run: async ({ size, seed }) => {
    const { events, kills, most } = amounts[size];
    const random = seededRandom(seed);
    await using broker = await startNatsServer({ jetstream: true });
    await using scene = await ParcelScene.open([broker.url]);
    await scene.tell(1, events);
    const counter = scene.file("counted.db");
    const common = { durable: "billing", concurrency, ackWaitMs, handlerMs: 2, counter };
    for (let kill = 0; kill < kills; kill++) {
      const point = killPoints[kill % killPoints.length]!;
      const consumer = await scene.startConsumer({
        ...common,
        kill: { point, atEvent: 1 + random.below(most) },
      });
      await consumer.ended(30_000);
    }
    const diedBefore = scene.deliveries().length;
    const last = await scene.startConsumer(common);
    const done = await scene.handled(events, 60_000);
    await last.stop();
    const counted = readEventCounter(counter);
    const { lost, redeliveries, unflagged } = judgeEventLog(scene.deliveries(), events);
    return [
      { name: "kills", value: kills },
      { name: "deliveries before the last kill", value: diedBefore },
      { name: "all handled", value: Number(done), limit: { atLeast: 1 } },
      { name: "lost", value: lost, limit: none },
      { name: "came again", value: redeliveries, limit: { atMost: kills * concurrency } },
      { name: "came again and did not say so", value: unflagged, limit: none },
      { name: "counted in the database", value: counted.ids, limit: { atLeast: events, atMost: events } },
      { name: "counted more than once", value: counted.times - counted.ids, limit: none },
      { name: "dead letters", value: await scene.deadLetters("billing"), limit: none },
    ];
  },
};
