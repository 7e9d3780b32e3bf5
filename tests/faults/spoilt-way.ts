import { type Direction, type FaultProxy, startFaultProxy } from "../support/fault-proxy.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { type SeededRandom, seededRandom } from "../support/seeded-random.ts";
import { bounded } from "./bounded.ts";
import type { Experiment, ExperimentRun } from "./experiment.ts";
import { type Figure, none } from "./figures.ts";
import { History, type Verdict } from "./history.ts";
import { pauseMs } from "./pause-ms.ts";

const perSecond = 300;
const timeoutMs = 3_000;
/** More than one message and less than what flows between two faults. */
const reachBytes = 3_000;
const encryptionKey = "c2l4dGVlbiBieXRlcyBvZiBhIHNlY3JldCBrZXkgMzI=";
const directions: readonly Direction[] = ["toServer", "toClient"];

const small = { holesMs: [700], cuts: 6, bits: 12 };
const large = { holesMs: [2_000, 5_000, 30_000], cuts: 100, bits: 300 };

type Sum = Record<"holes" | "cuts" | "bits", number>;

interface Spoiling {
  readonly seconds: number;
  readonly idempotent: boolean;
  readonly spoil: (proxy: FaultProxy, random: SeededRandom) => Promise<void>;
}

/** F9: the way between a caller and its broker is cut, swallows everything, or turns a bit. */
export const spoiltWay: Experiment = {
  id: "F9",
  promise:
    "A way that is cut in the middle of a frame, swallows all or turns a bit brings no wrong value and no wrong label",
  sizes: {
    small: "twice: a black hole of 0.7 s, 6 cuts, 12 bits",
    large: "twice: black holes of 2, 5 and 30 s, 100 cuts, 300 bits",
  },
  contenders: ["ours", "nats.js"],
  runtimes: ["bun", "deno"],
  largeLimitMs: 240_000,
  run: async (run) => {
    const amounts = run.size === "small" ? small : large;
    const sum = { holes: 0, cuts: 0, bits: 0 };
    const kinds = await Promise.all([true, false].map(async (idempotent) => [
      await fallIntoHoles(run, idempotent, amounts.holesMs, sum),
      await cutAgainAndAgain(run, idempotent, amounts.cuts, sum),
      await turnBits(run, idempotent, amounts.bits, sum),
    ]));
    return figuresOf(kinds.flat(), kinds[1]!, sum);
  },
};

function fallIntoHoles(
  run: ExperimentRun,
  idempotent: boolean,
  holesMs: readonly number[],
  sum: Sum,
): Promise<Verdict> {
  return spoil(run, {
    idempotent,
    seconds: holesMs.reduce((total, ms) => total + ms / 1_000 + 0.7, 0.5),
    spoil: async (proxy) => {
      for (const ms of holesMs) {
        await pauseMs(500);
        proxy.weather = { kind: "blackHole" };
        await pauseMs(ms);
        proxy.weather = { kind: "pass" };
        sum.holes += 1;
      }
    },
  });
}

function cutAgainAndAgain(run: ExperimentRun, idempotent: boolean, cuts: number, sum: Sum): Promise<Verdict> {
  return spoil(run, {
    idempotent,
    seconds: cuts * 0.16 + 0.5,
    spoil: async (proxy, random) => {
      for (let number = 0; number < cuts; number++) {
        await pauseMs(150);
        proxy.cutAfter(random.below(reachBytes), random.pick(directions));
      }
      sum.cuts += proxy.sprung;
    },
  });
}

function turnBits(run: ExperimentRun, idempotent: boolean, bits: number, sum: Sum): Promise<Verdict> {
  return spoil(run, {
    idempotent,
    seconds: bits * 0.09 + 0.5,
    spoil: async (proxy, random) => {
      for (let number = 0; number < bits; number++) {
        await pauseMs(80);
        proxy.corruptAfter(random.below(reachBytes), random.pick(directions));
      }
      sum.bits += proxy.sprung;
    },
  });
}

function figuresOf(verdicts: readonly Verdict[], others: readonly Verdict[], sum: Sum): Figure[] {
  const total = (read: (verdict: Verdict) => number): number => verdicts.reduce((all, one) => all + read(one), 0);
  return [
    ...Object.entries(sum).map(([name, value]) => ({ name, value })),
    { name: "requests", value: total(({ operations }) => operations) },
    {
      name: "succeeded",
      value: total(({ endings }) => endings.ok) * 100 / total(({ operations }) => operations),
      unit: "%",
    },
    { name: "wrong values", value: total(({ wrong, lost }) => wrong + lost), limit: none },
    { name: "mislabelled", value: total(({ mislabelled }) => mislabelled), limit: none },
    {
      name: "not idempotent and ran twice",
      value: others.reduce((all, { duplicated }) => all + duplicated, 0),
      limit: none,
    },
    { name: "failed without a label", value: total(({ endings }) => endings.unlabelled), limit: none },
    { name: "unsettled", value: total(({ endings }) => endings.unsettled), limit: none },
  ];
}

/** Asks through the proxy while it is spoilt; bodies are encrypted, because nothing else in NATS notices a turned bit. */
async function spoil(run: ExperimentRun, spoiling: Spoiling): Promise<Verdict> {
  const history = new History();
  await using broker = await startNatsServer();
  await using proxy = await startFaultProxy(broker.port);
  const service = await run.contender.openService({ servers: [broker.url], encryptionKey }, (text) => {
    history.ran(text);
    return text;
  });
  await using job = await run.startJob("askAtARate", {
    where: { servers: [proxy.url], encryptionKey },
    requests: Math.ceil(spoiling.seconds * perSecond),
    perSecond,
    timeoutMs,
    idempotent: spoiling.idempotent,
    prefix: "request-",
  });
  await job.marked("open");
  await spoiling.spoil(proxy, seededRandom(run.seed));
  history.add((await job.result(120_000)).records);
  await bounded(service.stop(100));
  return history.verdict();
}
