import { startNatsCluster } from "../support/nats-cluster.ts";
import { until } from "../support/until.ts";
import { bounded } from "./bounded.ts";
import type { Experiment } from "./experiment.ts";
import { none } from "./figures.ts";
import { History } from "./history.ts";
import { pauseMs } from "./pause-ms.ts";

const names = { caller: "caller", service: "service" } as const;
const perSecond = 200;
const movedLimitMs = 5_000;
// Ten seconds of grace are the server's default; it spreads the evictions over the duration, which may not be shorter.
const config = `lame_duck_duration: "30s"`;

/** F12: the nodes of a cluster ask their clients to leave, one after another. */
export const lameDuck: Experiment = {
  id: "F12",
  promise: "When a node asks its clients to leave, they move away and no request fails",
  sizes: { small: "1 node of 3, 200 requests/s", large: "each node of 3 in turn, 200 requests/s" },
  contenders: ["ours", "nats.js"],
  runtimes: ["bun", "deno", "workerd"],
  largeLimitMs: 240_000,
  run: async (run) => {
    const history = new History();
    await using cluster = await startNatsCluster(3, config);
    const service = await run.contender.openService({ servers: cluster.urls, name: names.service }, (text) => {
      history.ran(text);
      return text;
    });
    const servers = run.place === "workerd" ? cluster.websocketUrls : cluster.urls;
    const nodes = run.size === "small" ? 1 : cluster.nodes.length;
    // As long as a contender that does not move is evicted late, it is asked for as long.
    const seconds = nodes * (run.contender.name === "ours" ? movedLimitMs / 1_000 + 2 : 42);
    await using job = await run.startJob("askAtARate", {
      where: { servers, name: names.caller },
      requests: seconds * perSecond,
      perSecond,
      timeoutMs: 5_000,
      idempotent: false,
    });
    const movedMs: number[] = [];
    const moving = (async () => {
      for (let turn = 0; turn < nodes; turn++) {
        const node = await until("the caller's node", () => cluster.nodeOf(names.caller), 20_000);
        await pauseMs(500);
        const start = performance.now();
        await node.lameDuck();
        await until("the moves", async () => {
          const on = await Promise.all(Object.values(names).map((name) => cluster.isOn(node, name)));
          return !on.includes(true) && await cluster.nodeOf(names.caller) !== undefined;
        }, run.contender.name === "ours" ? 2 * movedLimitMs : 45_000).then(
          () => movedMs.push(performance.now() - start),
          () => movedMs.push(Infinity),
        );
        await node.restart();
        await cluster.whole();
      }
    })();
    const [{ records }] = await Promise.all([job.result(200_000), moving]);
    await bounded(service.stop(100));
    history.add(records);
    const { operations, endings, duplicated, wrong, lost } = history.verdict();
    return [
      { name: "nodes", value: nodes },
      { name: "slowest move", value: Math.max(...movedMs), unit: "ms", limit: { atMost: movedLimitMs } },
      { name: "failed requests", value: operations - endings.ok, limit: none },
      { name: "ran twice", value: duplicated, limit: none },
      { name: "wrong answers", value: wrong + lost, limit: none },
    ];
  },
};
