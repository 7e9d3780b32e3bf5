import { startNatsServer } from "../support/nats-server.ts";
import { bounded } from "./bounded.ts";
import { urlFor } from "./broker-urls.ts";
import type { Experiment, ExperimentRun } from "./experiment.ts";
import { type Figure, none } from "./figures.ts";
import { History } from "./history.ts";
import { pauseMs } from "./pause-ms.ts";
import { percentile } from "./percentile.ts";
import { repeatFaults } from "./repeat-faults.ts";

const perSecond = 1_000;
/** How long the broker is up between two kills; with its 100 ms away the large size kills it every 500 ms. */
const upMs = { small: 900, large: 400 };
const downMs = 100;
const deadlineMs = 5_000;
/** What came together while the broker was away reaches the service at once. */
const queueLimit = 5_000;
const requests = { small: 3_000, large: 20_000 };

/** F1: idempotent requests while the broker is killed again and again. */
export const killsWithIdempotentRequests: Experiment = {
  id: "F1",
  promise: "Idempotent requests get through while the broker is killed again and again",
  sizes: { small: "3,000 requests, a kill every second", large: "20,000 requests, a kill every 500 ms" },
  contenders: ["ours", "nats.js", "nats.js-tuned", "nestjs"],
  runtimes: ["bun", "deno", "workerd"],
  largeLimitMs: 120_000,
  run: async (run) => {
    const { history, kills } = await killWhileAsking(run, true);
    const { operations, endings, wrong, lost } = history.verdict();
    return [
      { name: "kills", value: kills },
      { name: "succeeded", value: endings.ok * 100 / operations, unit: "%", limit: { atLeast: 99.9 } },
      { name: "unsettled", value: endings.unsettled, limit: none },
      { name: "wrong answers", value: wrong + lost, limit: none },
      {
        name: "p99.9 to settle",
        value: percentile(history.records.map(({ tookMs }) => tookMs), 99.9),
        unit: "ms",
        limit: { atMost: deadlineMs + 50, largeOnly: true },
      },
    ];
  },
};

/** F2: the same with requests that must not run twice. */
export const killsWithOtherRequests: Experiment = {
  id: "F2",
  promise: "Other requests never run twice, and each failure says rightly whether the work was done",
  sizes: { small: "3,000 requests, a kill every second", large: "20,000 requests, a kill every 500 ms" },
  contenders: ["ours", "nats.js", "nats.js-tuned"],
  runtimes: ["bun", "deno", "workerd"],
  largeLimitMs: 120_000,
  run: async (run) => {
    const { history, kills } = await killWhileAsking(run, false);
    const { operations, endings, wrong, lost, duplicated, mislabelled, neverRan } = history.verdict();
    return [
      { name: "kills", value: kills },
      { name: "succeeded", value: endings.ok * 100 / operations, unit: "%" },
      { name: "ran twice", value: duplicated, limit: none },
      { name: "mislabelled", value: mislabelled, limit: none },
      { name: "failed without a label", value: endings.unlabelled, limit: none },
      {
        name: "unknown",
        value: endings.unknown * 100 / operations,
        unit: "%",
        limit: { atMost: 0.3, largeOnly: true },
      },
      { name: "failed and never ran", value: neverRan },
      { name: "unsettled", value: endings.unsettled, limit: none },
      { name: "wrong answers", value: wrong + lost, limit: none },
    ] satisfies Figure[];
  },
};

async function killWhileAsking(run: ExperimentRun, idempotent: boolean): Promise<{ history: History; kills: number }> {
  const history = new History();
  await using broker = await startNatsServer({ websocket: true });
  const service = await run.contender.openService({ servers: [broker.url], queueLimit }, (text) => {
    history.ran(text);
    return text;
  });
  try {
    await using job = await run.startJob("askAtARate", {
      where: { servers: [urlFor(run.place, broker)] },
      requests: requests[run.size],
      perSecond,
      timeoutMs: deadlineMs,
      idempotent,
    });
    await job.marked("open");
    const schedule = { everyMs: upMs[run.size], forMs: requests[run.size] * 1_000 / perSecond };
    const { result, times } = await repeatFaults(job.result(90_000), schedule, async () => {
      await broker.kill();
      await pauseMs(downMs);
      await broker.restart();
    });
    history.add(result.records);
    return { history, kills: times };
  } finally {
    await bounded(service.stop(100));
  }
}
