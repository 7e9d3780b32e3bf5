import { startNatsServer } from "../support/nats-server.ts";
import { bounded } from "./bounded.ts";
import type { Experiment } from "./experiment.ts";
import { none } from "./figures.ts";

/** M1: what stays of a request when it is over. */
export const steadyMemory: Experiment = {
  id: "M1",
  promise: "Memory does not grow with the requests that were answered",
  sizes: { small: "30,000 requests", large: "1,000,000 requests" },
  contenders: ["ours", "nats.js"],
  runtimes: ["bun", "deno"],
  largeLimitMs: 600_000,
  run: async (run) => {
    const requests = run.size === "small" ? 30_000 : 1_000_000;
    await using broker = await startNatsServer();
    const service = await run.contender.openService({ servers: [broker.url] }, (text) => text);
    await using job = await run.startJob("heapOverRequests", { where: { servers: [broker.url] }, requests }, {
      place: run.place === "here" ? "node" : run.place,
      collectsGarbage: true,
    });
    const { failed, bytesForEach } = await job.result(590_000);
    await bounded(service.stop(100));
    return [
      { name: "requests", value: requests },
      { name: "failed", value: failed, limit: none },
      {
        name: "stays of each",
        value: bytesForEach,
        unit: "B",
        // A few collections over a short run say less: the small size only sees what keeps an object for each.
        limit: { atMost: run.size === "small" ? 40 : 2 },
      },
    ];
  },
};
