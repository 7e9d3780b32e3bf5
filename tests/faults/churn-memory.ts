import { readdirSync } from "node:fs";
import process from "node:process";
import { startFaultProxy } from "../support/fault-proxy.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { bounded } from "./bounded.ts";
import type { Experiment, ExperimentRun } from "./experiment.ts";
import type { Figure } from "./figures.ts";
import type { Churn } from "./jobs/heap-over-churn.ts";

const cycles = {
  small: { subscribe: 400, abort: 400, connect: 300, reconnect: 300 },
  large: { subscribe: 10_000, abort: 10_000, connect: 1_000, reconnect: 1_000 },
};
const kinds = Object.keys(cycles.small) as Churn[];

/** M2: what stays of a thing that was begun and ended. */
export const churnMemory: Experiment = {
  id: "M2",
  promise: "Nothing stays of subscriptions, cancelled requests, connections and reconnections that are over",
  sizes: {
    small: "400 subscriptions, 400 aborts, 300 connections, 300 reconnections",
    large: "10,000 subscriptions, 10,000 aborts, 1,000 connections, 1,000 reconnections",
  },
  contenders: ["ours", "nats.js"],
  runtimes: ["bun", "deno"],
  largeLimitMs: 900_000,
  run: async (run) => {
    const figures: Figure[] = [];
    for (const kind of kinds) {
      // nats.js knows no cancel, and waits two seconds before each reconnection.
      if (run.contender.name !== "ours" && kind === "abort") continue;
      figures.push(...await churn(run, kind));
    }
    return figures;
  },
};

async function churn(run: ExperimentRun, kind: Churn): Promise<Figure[]> {
  await using broker = await startNatsServer();
  await using proxy = await startFaultProxy(broker.port);
  const service = await run.contender.openService({ servers: [broker.url] }, (text, signal) => {
    if (text === "never") {
      return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
    }
    if (text === "cut") proxy.reset();
    return text;
  });
  const ours = run.contender.name === "ours";
  const times = ours || kind !== "reconnect" ? cycles[run.size][kind] : Math.min(60, cycles[run.size][kind]);
  await using job = await run.startJob("heapOverChurn", { where: { servers: [proxy.url] }, kind, cycles: times }, {
    place: run.place === "here" ? "node" : run.place,
    collectsGarbage: true,
  });
  await job.marked("warm", 200_000);
  const filesBefore = openFiles(job.pid);
  await job.marked("done", 500_000);
  const filesLeft = openFiles(job.pid) - filesBefore;
  const { bytesForEach, resourcesLeft } = await job.result(20_000);
  await bounded(service.stop(100));
  return [
    {
      name: `stays of each ${kind}`,
      value: bytesForEach,
      unit: "B",
      limit: { atMost: run.size === "small" ? 4_096 : 1_024 },
    },
    {
      name: `files and timers left after ${kind}`,
      value: Math.max(0, filesLeft, resourcesLeft),
      // Deno opens two of its own, late; what leaks one for each would leave dozens.
      limit: { atMost: 4 },
    },
  ];
}

function openFiles(pid: number | undefined): number {
  return pid !== undefined && process.platform === "linux" ? readdirSync(`/proc/${pid}/fd`).length : 0;
}
