import { type Figure, none, type Size } from "../../faults/figures.ts";
import { pauseMs } from "../../faults/pause-ms.ts";
import { CanaryWatch } from "./canary-watch.ts";
import type { GatewayExperiment } from "./gateway-experiment.ts";
import { type GatewayScene, startGatewayScene } from "./gateway-scene.ts";
import { type HttpAnswer, HttpCaller } from "./http-caller.ts";
import { processFigures } from "./process-figures.ts";

const quota = 50;
const windowMs = 5_000;
/** Of the quota, by those who keep to it. */
const share = 0.5;
const excess = 10;
const sizes = { small: { tenants: 20, windows: 1 }, large: { tenants: 100, windows: 6 } } as const;
const policy = `"identity";q=${quota};w=${windowMs / 1_000}`;
const hourMs = 3_600_000;

/** G8: one who asks ten times what it may. */
export const noisyNeighbour: GatewayExperiment = {
  id: "G8",
  promise: "One who asks too much is told so, and how long to wait; nobody else notices, whatever the clocks do",
  sizes: { small: describeSize("small"), large: describeSize("large") },
  largeLimitMs: 180_000,
  run: async (size) => {
    const { tenants, windows } = sizes[size];
    await using scene = await startGatewayScene({
      limits: {
        ratePerIdentity: { requests: quota, windowMs },
        ratePerAddress: { requests: quota * 4, windowMs },
      },
    });
    const callers = await Promise.all(Array.from({ length: tenants - 1 }, async (_, index) => ({
      address: `127.0.50.${1 + index}`,
      token: await scene.provider.sign({ subject: `quiet-${index}` }),
    })));
    const perSecond = callers.length * quota * share / (windowMs / 1_000);
    await using others = await CanaryWatch.start(scene.port, size === "large" ? 2_000 : 500, { perSecond, callers });
    const quiet = await others.during(() => pauseMs(windows * windowMs));
    let noise: Noise | undefined;
    const loud = await others.during(async () => noise = await makeNoise(scene, windows * windowMs));
    const { asked, allowed, refused, untold, tookMs, mostInAWindow } = noise!;
    // The better of the two: a machine that stood still for a moment must make no target easy.
    const after = await others.during(() => pauseMs(windows * windowMs));
    const quietP99Ms = Math.min(quiet.p99Ms, after.p99Ms);
    const figures: Figure[] = [
      { name: "asked by the noisy one", value: asked },
      { name: "allowed", value: allowed },
      { name: "told 429", value: refused, limit: { atLeast: asked - quota * (windows + 2) } },
      { name: "refusals without Retry-After, RateLimit or their problem type", value: untold, limit: none },
      {
        name: "allowed, off from the quota, in windows",
        value: Math.abs(allowed - quota * tookMs / windowMs) / quota,
        limit: { atMost: 1 },
      },
      {
        name: "most allowed in any stretch of a window's length, in quotas",
        value: mostInAWindow / quota,
        limit: { atMost: 2 },
      },
      { name: "others' calls", value: loud.calls },
      {
        name: "others' calls that failed",
        value: quiet.failures.length + loud.failures.length + after.failures.length,
        limit: none,
      },
      { name: "others' p99 without it", value: quietP99Ms, unit: "ms" },
      { name: "others' p99 beside the noisy one", value: loud.p99Ms, unit: "ms" },
      { name: "others' p99 to that", value: loud.p99Ms / quietP99Ms, limit: { atMost: 1.5, largeOnly: true } },
      ...await oneAddress(scene),
      ...await clockJumps(scene),
    ];
    for (const failure of new Set([...quiet.failures, ...loud.failures])) console.log(failure);
    return [...figures, ...processFigures(scene)];
  },
};

function describeSize(size: Size): string {
  const { tenants, windows } = sizes[size];
  return `${tenants} tenants, one asks ${excess} × its quota of ${quota} in ${
    windowMs / 1_000
  } s, for ${windows} windows`;
}

interface Noise {
  readonly asked: number;
  readonly allowed: number;
  readonly refused: number;
  /** How many refusals do not say what they should. */
  readonly untold: number;
  readonly tookMs: number;
  /** The most that was allowed in any stretch of time as long as a window. */
  readonly mostInAWindow: number;
}

async function makeNoise({ port, provider }: GatewayScene, durationMs: number): Promise<Noise> {
  const token = await provider.sign({ subject: "noisy" });
  // From many addresses: it is the identity that is counted.
  const callers = Array.from({ length: 10 }, (_, index) => new HttpCaller(port, `127.0.51.${1 + index}`));
  const total = Math.round(quota * excess * durationMs / windowMs);
  const startedAt = performance.now();
  const asking: Promise<void>[] = [];
  const allowedAt: number[] = [];
  let refused = 0;
  let untold = 0;
  const ask = async (caller: HttpCaller): Promise<void> => {
    const answer = await caller.ask("/trial/v1/say", { body: { text: "noise" }, token });
    if (answer.status === 200) return void allowedAt.push(performance.now());
    refused += 1;
    if (!saysWhatItShould(answer)) untold += 1;
  };
  while (asking.length < total) {
    await pauseMs(5);
    const due = Math.min(total, (performance.now() - startedAt) / durationMs * total);
    while (asking.length < due) asking.push(ask(callers[asking.length % callers.length]!));
  }
  const tookMs = performance.now() - startedAt;
  await Promise.all(asking);
  for (const caller of callers) caller[Symbol.dispose]();
  return { asked: total, allowed: allowedAt.length, refused, untold, tookMs, mostInAWindow: mostInAWindow(allowedAt) };
}

function saysWhatItShould({ status, headers, body }: HttpAnswer): boolean {
  const retryAfter = Number(headers["retry-after"]);
  const [, resets = ""] = /^"address";r=\d+;t=\d+, "identity";r=0;t=(\d+)$/.exec(String(headers["ratelimit"])) ?? [];
  const problem = JSON.parse(body) as {
    type: string;
    code: string;
    "violated-policies": readonly string[];
    retryAfterMs: number;
  };
  return status === 429 &&
    Number.isInteger(retryAfter) && retryAfter >= 1 && retryAfter <= windowMs / 1_000 &&
    Number(resets) >= 1 && Number(resets) <= windowMs / 1_000 &&
    String(headers["ratelimit-policy"]).endsWith(`, ${policy}`) &&
    problem.type === "https://iana.org/assignments/http-problem-types#quota-exceeded" &&
    problem["violated-policies"].join() === "identity" &&
    problem.code === "BUSY" && problem.retryAfterMs <= windowMs;
}

function mostInAWindow(times: readonly number[]): number {
  let most = 0;
  let first = 0;
  for (const [index, time] of times.entries()) {
    while (time - times[first]! > windowMs) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}

/** Many identities at one address, most of them none at all: the address is counted too. */
async function oneAddress({ port, spy }: GatewayScene): Promise<readonly Figure[]> {
  using caller = new HttpCaller(port, "127.0.52.1");
  const asked = quota * 4 * 3;
  const statuses: number[] = [];
  const upstream = await spy.during(async () => {
    for (let index = 0; index < asked; index += 20) {
      const answers = await Promise.all(Array.from({ length: 20 }, (_, more) => {
        return caller.ask("/trial/v1/tell", { body: { text: "a" }, token: `guess-${index + more}` });
      }));
      statuses.push(...answers.map(({ status }) => status));
    }
  });
  const let401 = statuses.filter((status) => status === 401).length;
  const others = statuses.filter((status) => status !== 401 && status !== 429).length;
  return [
    {
      name: "guesses of tokens from one address that were looked at, in its quotas",
      value: let401 / (quota * 4),
      limit: { atMost: 2 },
    },
    { name: "guesses answered otherwise than 401 or 429", value: others, limit: none },
    // The others go on meanwhile, with calls of another kind.
    {
      name: "guesses that went upstream",
      value: upstream.filter(({ subject }) => subject.endsWith(".tell")).length,
      limit: none,
    },
  ];
}

/** The time of day jumps: nobody's quota does. The measured time jumps: every window is over, and none is longer. */
async function clockJumps({ port, provider, gateway }: GatewayScene): Promise<readonly Figure[]> {
  const token = await provider.sign({ subject: "jumper" });
  using caller = new HttpCaller(port, "127.0.53.1");
  const ask = (): Promise<HttpAnswer> => caller.ask("/trial/v1/say", { body: { text: "a" }, token });
  const use = async (): Promise<number> => {
    const answers: HttpAnswer[] = [];
    for (let count = 0; count < quota; count++) answers.push(await ask());
    return answers.filter(({ status }) => status === 200).length;
  };
  let wrong = 0;
  const expect = (answer: HttpAnswer, status: number): void => {
    const resets = Number(/"identity";r=\d+;t=(\d+)/.exec(String(answer.headers["ratelimit"]))?.[1]);
    if (answer.status !== status || !(resets >= 0 && resets <= windowMs / 1_000)) {
      console.log(`After a jump: ${answer.status} ${String(answer.headers["ratelimit"])}`);
      wrong += 1;
    }
  };
  const used = await use();
  for (const dateMs of [hourMs, -hourMs, 24 * hourMs, 0]) {
    await gateway.tell("shiftClock", { dateMs });
    expect(await ask(), 429);
  }
  await gateway.tell("shiftClock", { nowMs: hourMs });
  expect(await ask(), 200);
  return [
    { name: "allowed before the clock jumps", value: used, limit: { atLeast: quota, atMost: quota } },
    { name: "answers that are wrong after a jump", value: wrong, limit: none },
  ];
}
