import { type NatsCluster, startNatsCluster } from "../support/nats-cluster.ts";
import type { NatsServer } from "../support/nats-server.ts";
import { until } from "../support/until.ts";
import { bounded } from "./bounded.ts";
import type { Service } from "./contender.ts";
import type { Experiment, ExperimentRun } from "./experiment.ts";
import { none } from "./figures.ts";
import { History } from "./history.ts";
import { longestGaps } from "./longest-gaps.ts";
import { pauseMs } from "./pause-ms.ts";
import { percentile } from "./percentile.ts";

const callerName = "caller";
const serviceName = "service";
const perSecond = 100;
const timeoutMs = 10_000;

interface NodeFaults {
  readonly times: number;
  /** How often nodes and callers ask each other whether they live. */
  readonly pingIntervalMs: number | undefined;
  /** Time to work between two faults, in milliseconds. */
  readonly restMs: number;
  /** From the start of one fault to the start of the next at most, to know how long to ask. */
  readonly roundMs: number;
  /** Whether the service is on another node than its caller: what a frozen one holds, the others go on sending it. */
  readonly apart: boolean;
  readonly hurt: (node: NatsServer) => Promise<void>;
  readonly heal: (node: NatsServer) => Promise<void>;
}

/** F7: the node of a cluster that the caller is connected to is killed. */
export const nodeKills: Experiment = {
  id: "F7",
  promise: "When its node of a cluster is killed, a caller goes on at another",
  sizes: { small: "cluster of 3, 3 kills", large: "cluster of 3, 20 kills" },
  contenders: ["ours", "nats.js", "nats.js-tuned"],
  runtimes: ["bun", "deno", "workerd"],
  largeLimitMs: 180_000,
  run: async (run) => {
    const { gaps, history } = await hurtNodes(run, {
      times: run.size === "small" ? 3 : 20,
      pingIntervalMs: undefined,
      restMs: 400,
      roundMs: 1_800,
      apart: false,
      hurt: (node) => node.kill(),
      heal: (node) => node.restart(),
    });
    return figuresOf(gaps, history, 500);
  },
};

/** F8: the node that the caller is connected to falls silent. */
export const nodeFreezes: Experiment = {
  id: "F8",
  promise: "When its node of a cluster freezes, a caller notices and goes on at another",
  sizes: { small: "cluster of 3, 1 freeze, pings of 500 ms", large: "cluster of 3, 10 freezes, pings of 1 s" },
  contenders: ["ours", "nats.js", "nats.js-tuned"],
  runtimes: ["bun", "deno", "workerd"],
  largeLimitMs: 420_000,
  run: async (run) => {
    const { gaps, history } = await hurtNodes(run, {
      // nats.js waits its 20 s for a dial to the same frozen node; three times say as much as ten.
      times: run.size === "small" ? 1 : run.contender.name === "ours" ? 10 : 3,
      pingIntervalMs: run.size === "small" ? 500 : 1_000,
      restMs: 600,
      roundMs: run.contender.name === "ours" ? 6_000 : 26_000,
      apart: true,
      hurt: (node) => Promise.resolve(node.freeze()),
      heal: (node) => Promise.resolve(node.thaw()),
    });
    return figuresOf(gaps, history, 5_000);
  },
};

function figuresOf(gaps: readonly number[], history: History, gapLimitMs: number) {
  const { operations, endings, wrong, lost } = history.verdict();
  return [
    { name: "faults", value: gaps.length },
    { name: "median gap", value: percentile(gaps, 50), unit: "ms" },
    { name: "p99 gap", value: percentile(gaps, 99), unit: "ms", limit: { atMost: gapLimitMs, largeOnly: true } },
    { name: "failed idempotent requests", value: operations - endings.ok, limit: none },
    { name: "unsettled", value: endings.unsettled, limit: none },
    { name: "wrong answers", value: wrong + lost, limit: none },
  ] as const;
}

async function hurtNodes(
  run: ExperimentRun,
  faults: NodeFaults,
): Promise<{ readonly gaps: readonly number[]; readonly history: History }> {
  const history = new History();
  await using cluster = await startNatsCluster(3);
  const { pingIntervalMs } = faults;
  const choice = pingIntervalMs === undefined ? {} : { pingIntervalMs };
  const open = (urls: readonly string[]): Promise<Service> =>
    run.contender.openService({ servers: urls, name: serviceName, ...choice }, (text) => {
      history.ran(text);
      return text;
    });
  let service = await open(cluster.urls);
  /** Moves the service away from this node: another instance, and then an end in good order for the first. */
  const moveService = async (node: NatsServer): Promise<void> => {
    if (!faults.apart || !await cluster.isOn(node, serviceName)) return;
    const next = await open(cluster.nodes.filter((other) => other !== node).map(({ url }) => url));
    await bounded(service.stop(1_000));
    service = next;
  };
  const servers = run.place === "workerd" ? cluster.websocketUrls : cluster.urls;
  await using job = await run.startJob("askAtARate", {
    where: { servers, name: callerName, ...choice },
    requests: Math.ceil((faults.times * faults.roundMs + 1_000) * perSecond / 1_000),
    perSecond,
    timeoutMs,
    idempotent: true,
  });
  const hurting = hurtOneAfterAnother(cluster, faults, moveService);
  try {
    const { records } = await job.result(400_000);
    history.add(records);
    return { gaps: longestGaps(records, await hurting), history };
  } finally {
    await hurting.catch(() => {});
    await bounded(service.stop(100));
  }
}

/** Gives when each fault began and ended. */
async function hurtOneAfterAnother(
  cluster: NatsCluster,
  { times, restMs, roundMs, hurt, heal }: NodeFaults,
  before: (node: NatsServer) => Promise<void>,
): Promise<number[]> {
  const startedAt: number[] = [];
  for (let time = 0; time < times; time++) {
    const node = await until("the caller's node", () => cluster.nodeOf(callerName), 30_000);
    await before(node);
    await pauseMs(restMs);
    startedAt.push(performance.timeOrigin + performance.now());
    await hurt(node);
    try {
      await until("the caller elsewhere", async () => {
        const now = await cluster.nodeOf(callerName);
        return now !== undefined && now !== node;
      }, roundMs + 5_000);
    } finally {
      await heal(node);
    }
    await cluster.whole();
  }
  return startedAt;
}
