import { startNatsServer } from "../support/nats-server.ts";
import { urlFor } from "./broker-urls.ts";
import type { Experiment } from "./experiment.ts";
import { none } from "./figures.ts";
import { percentile } from "./percentile.ts";
import { MemoryWatch } from "./resident-memory.ts";

const bytes = 64 * 1_024;
const mebibyte = 1_024 * 1_024;
const durations = { small: 3_000, large: 30_000 };

/** F4: large events at full speed to a broker that reads nothing. */
export const frozenBroker: Experiment = {
  id: "F4",
  promise: "A frozen broker does not fill the memory of who tells it events",
  sizes: { small: "3 s at full speed, 64 KiB events", large: "30 s at full speed, 64 KiB events" },
  contenders: ["ours", "nats.js"],
  runtimes: ["bun", "deno"],
  largeLimitMs: 90_000,
  run: async (run) => {
    const durationMs = durations[run.size];
    await using broker = await startNatsServer();
    const place = run.place === "here" ? "node" : run.place;
    const where = { servers: [urlFor(place, broker)] };
    await using job = await run.startJob("tellAtFullSpeed", { where, bytes, durationMs }, { place });
    await job.marked("warm");
    using memory = new MemoryWatch(job.pid!);
    broker.freeze();
    job.go();
    try {
      await job.marked("told", durationMs + 20_000);
    } finally {
      broker.thaw();
    }
    const { told, refused, refusalMs, recovered } = await job.result(30_000);
    return [
      { name: "tried", value: told },
      { name: "refused", value: refused },
      { name: "memory grown", value: memory.grownBytes / mebibyte, unit: "MiB", limit: { atMost: 32 } },
      {
        name: "p99 to refuse",
        value: percentile(refusalMs, 99),
        unit: "ms",
        limit: { atMost: 5, largeOnly: true },
      },
      { name: "did not recover", value: recovered ? 0 : 1, limit: none },
    ];
  },
};
