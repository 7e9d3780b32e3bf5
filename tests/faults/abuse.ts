import type { Buffer } from "node:buffer";
import * as fc from "fast-check";
import { isLibraryCode } from "../../mod.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { until } from "../support/until.ts";
import { bounded } from "./bounded.ts";
import { urlFor } from "./broker-urls.ts";
import type { ExperimentRun } from "./experiment.ts";
import { faultsSubjects } from "./faults-contract.ts";
import { type Figure, type Limit, none } from "./figures.ts";
import { HeapMeter } from "./heap-meter.ts";
import type { HostileFrame } from "./hostile-frame.ts";
import { atARate } from "./jobs/at-a-rate.ts";
import { lastNumber } from "./jobs/hear-while-blocked.ts";
import { pauseMs } from "./pause-ms.ts";
import { percentile } from "./percentile.ts";

/** What is sent to each of the three that read messages. */
export interface Abuse {
  /** How many frames each of the three gets. */
  readonly frames: number;
  readonly requests: fc.Arbitrary<HostileFrame>;
  readonly answers: fc.Arbitrary<HostileFrame>;
  readonly events: fc.Arbitrary<HostileFrame>;
}

/** What came of it. */
interface Hurt {
  /** Good messages that were not taken, between the hostile ones. */
  readonly deaf: number;
  /** Hostile ones that were counted not once, or under no typed code. */
  readonly uncounted: number;
}

/** What a service adds. */
interface HurtService extends Hurt {
  /** How long good requests took before, and between the hostile ones. */
  readonly idleMs: readonly number[];
  readonly canaryMs: readonly number[];
  /** Bytes of the heap; `NaN` where this process may not collect garbage. */
  readonly staysOf1000: number;
}

const chunk = 100;
const framesPerSecond = 2_000;
const portions = 12;
const idleCanaries = 200;
const canaryEveryMs = 10;
const mostDeaf = 5;
/** Over fewer, what the runtime itself compiles and caches is more than what may stay. */
const framesForHeap = 20_000;
const canaryLimitMs = 4_000;
const heapLimit: Limit = { atMost: 1_024, largeOnly: true };
const canaryBody = '{"text":"canary"}';
const config = "max_payload: 4MB";
/** No number that comes about by chance. */
const goodFrom = 1_000_000_000_007;

/** Sends hostile frames to a service, to a caller as answers, and to a listener as events. */
export async function abuse(run: ExperimentRun, wanted: Abuse): Promise<readonly Figure[]> {
  const service = await abuseService(run, wanted);
  const caller = await abuseCaller(run, wanted);
  const listener = await abuseListener(run, wanted);
  const slower = percentile(service.canaryMs, 50) / percentile(service.idleMs, 50);
  return [
    { name: "frames", value: wanted.frames * 3 },
    { name: "good requests without an answer", value: service.deaf, limit: none },
    { name: "hostile requests without exactly one typed answer", value: service.uncounted, limit: none },
    { name: "good answers not taken", value: caller.deaf, limit: none },
    { name: "requests with a hostile answer and no typed end", value: caller.uncounted, limit: none },
    { name: "good events not heard", value: listener.deaf, limit: none },
    { name: "p99 of good requests", value: percentile(service.canaryMs, 99), unit: "ms" },
    { name: "median of good requests, times idle", value: slower, limit: { atMost: 3, largeOnly: true } },
    ...(Number.isNaN(service.staysOf1000)
      ? []
      : [{ name: "surely stays of 1,000 requests", value: service.staysOf1000, unit: "B", limit: heapLimit } as const]),
  ];
}

async function abuseService(run: ExperimentRun, { frames, requests }: Abuse): Promise<HurtService> {
  await using broker = await startNatsServer({ config });
  using peer = await RawPeer.connect(broker.port);
  const service = await run.contender.openService({ servers: [broker.url] }, (text) => text);
  const waiting = new Map<string, () => void>();
  const counts = { untyped: 0, unasked: 0 };
  await peer.subscribe("_INBOX.abuse.*", ({ subject, header = "", body }) => {
    const answered = waiting.get(subject);
    // The second answer to a request is one too many.
    if (answered === undefined) counts.unasked += 1;
    if (!isTyped(header, body)) counts.untyped += 1;
    waiting.delete(subject);
    answered?.();
  });
  const timeOfCanary = async (id: string): Promise<number | undefined> => {
    const start = performance.now();
    const replySubject = `_INBOX.abuse.canary-${id}`;
    const answered = new Promise<void>((resolve) => waiting.set(replySubject, resolve));
    peer.publish(faultsSubjects.order, canaryBody, { replySubject });
    return await within(answered, canaryLimitMs) ? performance.now() - start : undefined;
  };
  const heap = new HeapMeter();
  const idleMs: number[] = [];
  const canaryMs: number[] = [];
  let canaries = 0;
  let deaf = 0;
  const canary = async (times: number[]): Promise<void> => {
    const tookMs = await timeOfCanary(String(canaries++));
    times.push(tookMs ?? canaryLimitMs);
    if (tookMs === undefined) deaf += 1;
  };
  for (let number = 0; number < idleCanaries; number++) await canary(idleMs);
  // Made before they are sent: making them takes longer than reading them.
  const all = sampled(requests, frames, run.seed);
  const portion = Math.ceil(frames / portions);
  // A deaf one stays so: more canaries would only cost time.
  for (let sent = 0; sent < frames && deaf < mostDeaf; sent += portion) {
    const some = all.slice(sent, sent + portion);
    let flooding = true;
    const flood = atARate(some.length, framesPerSecond, (index) => {
      const replySubject = `_INBOX.abuse.${sent + index}`;
      waiting.set(replySubject, () => {});
      publish(peer, faultsSubjects.order, some[index]!, replySubject);
    }).finally(() => flooding = false);
    while (flooding && deaf < mostDeaf) {
      await canary(canaryMs);
      await pauseMs(canaryEveryMs);
    }
    await flood;
    // Between the portions, so that no canary waits for a collection; the first ones compile.
    if (HeapMeter.isPossible && frames >= framesForHeap && sent >= frames / 4) await heap.sample(sent);
  }
  await until("the answers", () => waiting.size === 0, 3_000).catch(() => {});
  await bounded(service.stop(100));
  const uncounted = waiting.size - deaf + counts.untyped + counts.unasked;
  return { deaf, uncounted, idleMs, canaryMs, staysOf1000: heap.surelyForEach * 1_000 };
}

async function abuseCaller(run: ExperimentRun, { frames, answers }: Abuse): Promise<Hurt> {
  const perSecond = 1_500;
  await using broker = await startNatsServer({ config, websocket: true });
  using peer = await RawPeer.connect(broker.port);
  let answered = 0;
  let pool: readonly HostileFrame[] = [];
  for (const subject of [faultsSubjects.order, faultsSubjects.ask]) {
    await peer.subscribe(subject, ({ replySubject = "", body }) => {
      const text = String(body);
      // Every tenth gets a good answer.
      if (/"text":"\d*0"/.test(text)) return peer.publish(replySubject, text);
      if (answered % chunk === 0) pool = sampled(answers, chunk, run.seed + answered);
      publish(peer, replySubject, pool[answered++ % chunk]!);
    });
  }
  await using job = await run.startJob("askAtARate", {
    where: { servers: [urlFor(run.place, broker)] },
    requests: Math.ceil(frames * 10 / 9),
    perSecond,
    timeoutMs: 5_000,
    idempotent: false,
  });
  const { records } = await job.result(frames * 1_000 / perSecond + 60_000);
  const good = records.filter(({ id }) => id.endsWith("0"));
  const hostile = records.filter(({ id }) => !id.endsWith("0"));
  return {
    deaf: good.filter(({ ending, wrong }) => ending !== "ok" || wrong === true).length,
    // A hostile answer may happen to be a sound one. One that is late is one that was not understood to be an answer.
    uncounted:
      hostile.filter(({ ending, code = "" }) =>
        ending !== "ok" && (ending === "unlabelled" || ending === "unsettled" || code === "TIMEOUT")
      ).length,
  };
}

async function abuseListener(run: ExperimentRun, { frames, events }: Abuse): Promise<{ readonly deaf: number }> {
  await using broker = await startNatsServer({ config });
  using peer = await RawPeer.connect(broker.port);
  const place = run.place === "workerd" ? "here" : run.place;
  await using job = await run.startJob("hearWhileBlocked", {
    where: { servers: [broker.url] },
    blockMs: 0,
    requests: 0,
    from: goodFrom,
  }, { place });
  await job.marked("hearing");
  job.go();
  await job.marked("awake");
  let good = 0;
  for (let sent = 0; sent < frames; sent += chunk) {
    for (const frame of sampled(events, chunk, run.seed + sent)) publish(peer, faultsSubjects.ticked, frame);
    peer.publish(faultsSubjects.ticked, `{"number":${goodFrom + good++}}`);
    await peer.flush();
    await pauseMs(1);
  }
  peer.publish(faultsSubjects.ticked, `{"number":${lastNumber(goodFrom)}}`);
  const { heard } = await job.result(60_000);
  return { deaf: good - heard };
}

function publish(peer: RawPeer, subject: string, { header, body }: HostileFrame, replySubject?: string): void {
  peer.publish(subject, body, {
    ...(header === undefined ? {} : { header }),
    ...(replySubject === undefined ? {} : { replySubject }),
  });
}

function sampled(frames: fc.Arbitrary<HostileFrame>, count: number, seed: number): readonly HostileFrame[] {
  return fc.sample(frames, { numRuns: count, seed });
}

/** The answers that a service may give: a result, or an error whose code is one of the library's. */
function isTyped(header: string, body: Buffer): boolean {
  const code = /Mb-Error: (\w+)/.exec(header)?.[1];
  if (code !== undefined) return isLibraryCode(code);
  try {
    return !header.includes("Nats-Service-Error") && typeof JSON.parse(String(body)).text === "string";
  } catch {
    return false;
  }
}

/** Whether it was there in time. */
async function within(promise: Promise<void>, limitMs: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<boolean>((resolve) => timer = setTimeout(() => resolve(false), limitMs));
  const wasThere = await Promise.race([promise.then(() => true), limit]);
  clearTimeout(timer);
  return wasThere;
}
