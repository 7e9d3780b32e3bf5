import { connectForeign, connectionKinds, type ForeignKind } from "../support/foreign-connection.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { bounded } from "./bounded.ts";
import type { Caller } from "./contender.ts";
import type { Experiment } from "./experiment.ts";
import { none } from "./figures.ts";
import { pauseMs } from "./pause-ms.ts";
import { percentile } from "./percentile.ts";

const names = { nats: "own-tcp", websocket: "own-websocket" } as const;
const backLimitMs = 2_000;
const patienceMs = 4_000;

/** F11: TCP and WebSocket connections in one process, beside code that dials with nats.js itself. */
export const foreignDials: Experiment = {
  id: "F11",
  promise: "TCP and WebSocket connections come back as what they are, whatever else in the process dials with nats.js",
  sizes: { small: "3 restarts", large: "50 restarts" },
  contenders: ["ours", "nats.js"],
  runtimes: [],
  largeLimitMs: 600_000,
  run: async (run) => {
    const restarts = run.size === "small" ? 3 : 50;
    const { contender } = run;
    await using server = await startNatsServer({ websocket: true, monitoring: true });
    await connectForeign(server, "websocket");
    const service = await contender.openService({ servers: [server.url] }, (text) => text);
    const callers: Readonly<Record<ForeignKind, Caller>> = {
      nats: await contender.openCaller({ servers: [server.url], name: names.nats }),
      websocket: await contender.openCaller({ servers: [server.websocketUrl], name: names.websocket }),
    };
    const backMs: number[] = [];
    let otherKinds = 0;
    for (let restart = 0; restart < restarts; restart++) {
      const foreign: ForeignKind = restart % 2 === 0 ? "websocket" : "nats";
      await server.kill();
      await connectForeign(server, foreign).catch(() => {});
      await server.restart();
      backMs.push(...await Promise.all(Object.values(callers).map(timeToAnswer)));
      const kinds = await connectionKinds(server, Object.values(names));
      otherKinds += (Object.keys(names) as ForeignKind[]).filter((kind) => kinds[names[kind]]?.[0] !== kind).length;
    }
    await Promise.all([...Object.values(callers).map((caller) => bounded(caller.close())), bounded(service.stop(100))]);
    const late = backMs.filter((ms) => ms > backLimitMs).length;
    return [
      { name: "returns", value: backMs.length },
      { name: "not back at all", value: backMs.filter((ms) => ms === Infinity).length, limit: none },
      { name: "not back as what they are", value: otherKinds, limit: none },
      {
        name: "back within 2 s",
        value: (backMs.length - late) * 100 / backMs.length,
        unit: "%",
        limit: { atLeast: 100, largeOnly: true },
      },
      { name: "median", value: percentile(backMs, 50), unit: "ms" },
    ];
  },
};

async function timeToAnswer(caller: Caller): Promise<number> {
  const start = performance.now();
  while (performance.now() - start < patienceMs) {
    const answered = await caller.ask("?", { timeoutMs: 500, idempotent: true }).then(() => true, () => false);
    if (answered) return performance.now() - start;
    await pauseMs(10);
  }
  return Infinity;
}
