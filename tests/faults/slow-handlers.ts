import { startNatsServer } from "../support/nats-server.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { until } from "../support/until.ts";
import type { Experiment } from "./experiment.ts";
import { faultsSubjects } from "./faults-contract.ts";
import { none } from "./figures.ts";
import { atARate } from "./jobs/at-a-rate.ts";
import { percentile } from "./percentile.ts";
import { MemoryWatch } from "./resident-memory.ts";

const handlerMs = 200;
const perSecond = 5_000;
const warmUpRequests = 3_000;
const amounts = { small: 6_000, large: 50_000 };
const inbox = "_INBOX.flood";
const mebibyte = 1_024 * 1_024;

/** F14: more requests than the handlers can take. */
export const slowHandlers: Experiment = {
  id: "F14",
  promise: "A flood runs no more handlers than allowed; whoever is not taken is told at once",
  sizes: { small: "6,000 requests, handlers of 200 ms", large: "50,000 requests, handlers of 200 ms" },
  contenders: ["ours", "nats.js"],
  runtimes: ["bun", "deno"],
  largeLimitMs: 120_000,
  run: async (run) => {
    const requests = amounts[run.size];
    const place = run.place === "here" ? "node" : run.place;
    await using broker = await startNatsServer();
    using peer = await RawPeer.connect(broker.port);
    await using job = await run.startJob("serveSlowly", { where: { servers: [broker.url] }, handlerMs }, { place });
    await job.marked("open");
    const flood = await startFlood(peer);
    await flood.ask(warmUpRequests);
    await until("the answers of the warm-up", () => flood.unanswered() === 0, 30_000);
    flood.busyMs.length = 0;
    using memory = new MemoryWatch(job.pid!);
    await flood.ask(requests);
    await until("the answers", () => flood.unanswered() === 0, 60_000).catch(() => {});
    job.go();
    const { mostAtOnce } = await job.result(20_000);
    return [
      { name: "told BUSY", value: flood.busyMs.length },
      { name: "handlers at once", value: mostAtOnce, limit: { atMost: 64 } },
      { name: "unanswered at once", value: flood.mostUnanswered(), limit: { atMost: 64 + 256 + 1_000 } },
      { name: "without an answer", value: flood.unanswered(), limit: none },
      { name: "answered twice", value: flood.twice(), limit: none },
      {
        name: "p95 to be told BUSY",
        value: percentile(flood.busyMs, 95),
        unit: "ms",
        limit: { atMost: 20, largeOnly: true },
      },
      { name: "memory grown", value: memory.grownBytes / mebibyte, unit: "MiB", limit: { atMost: 30 } },
    ];
  },
};

async function startFlood(peer: RawPeer) {
  const waiting = new Map<string, number>();
  const busyMs: number[] = [];
  let asked = 0;
  let most = 0;
  let twice = 0;
  await peer.subscribe(`${inbox}.*`, ({ subject, header = "" }) => {
    const sentAt = waiting.get(subject);
    if (sentAt === undefined) return void (twice += 1);
    waiting.delete(subject);
    if (header.includes("Mb-Error: BUSY")) busyMs.push(performance.now() - sentAt);
  });
  return {
    busyMs,
    ask: (requests: number) =>
      atARate(requests, perSecond, () => {
        const replySubject = `${inbox}.${asked++}`;
        waiting.set(replySubject, performance.now());
        most = Math.max(most, waiting.size);
        peer.publish(faultsSubjects.order, '{"text":"?"}', { replySubject });
      }),
    unanswered: () => waiting.size,
    mostUnanswered: () => most,
    twice: () => twice,
  };
}
