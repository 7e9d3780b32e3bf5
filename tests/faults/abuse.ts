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
import { type Figure, none } from "./figures.ts";
import type { HostileFrame } from "./hostile-frame.ts";
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

const chunk = 100;
const canaryLimitMs = 2_000;
const canaryBody = '{"text":"canary"}';
const config = "max_payload: 4MB";
/** No number that comes about by chance. */
const goodFrom = 1_000_000_000_007;

/** Sends hostile frames to a service, to a caller as answers, and to a listener as events. */
export async function abuse(run: ExperimentRun, wanted: Abuse): Promise<readonly Figure[]> {
  const service = await abuseService(run, wanted);
  const caller = await abuseCaller(run, wanted);
  const listener = await abuseListener(run, wanted);
  const slower = percentile(service.canaryMs, 99) / percentile(service.idleMs, 99);
  return [
    { name: "frames", value: wanted.frames * 3 },
    { name: "good requests without an answer", value: service.deaf, limit: none },
    { name: "hostile requests without exactly one typed answer", value: service.uncounted, limit: none },
    { name: "good answers not taken", value: caller.deaf, limit: none },
    { name: "requests with a hostile answer and no typed end", value: caller.uncounted, limit: none },
    { name: "good events not heard", value: listener.deaf, limit: none },
    { name: "canary's p99, idle", value: percentile(service.idleMs, 99), unit: "ms" },
    { name: "canary's p99, times idle", value: slower, limit: { atMost: 3, largeOnly: true } },
  ];
}

async function abuseService(
  run: ExperimentRun,
  { frames, requests }: Abuse,
): Promise<Hurt & { readonly idleMs: readonly number[]; readonly canaryMs: readonly number[] }> {
  await using broker = await startNatsServer({ config });
  using peer = await RawPeer.connect(broker.port);
  const service = await run.contender.openService({ servers: [broker.url] }, (text) => text);
  const answers = new Map<string, number>();
  let untyped = 0;
  await peer.subscribe("_INBOX.abuse.*", ({ subject, header = "", body }) => {
    answers.set(subject, (answers.get(subject) ?? 0) + 1);
    if (!isTyped(header, body)) untyped += 1;
  });
  const idleMs: number[] = [];
  const canaryMs: number[] = [];
  let deaf = 0;
  for (let number = 0; number < 200; number++) idleMs.push(await timeOfCanary(peer) ?? canaryLimitMs);
  for (let sent = 0; sent < frames; sent += chunk) {
    for (const [index, frame] of sampled(requests, chunk, run.seed + sent).entries()) {
      publish(peer, faultsSubjects.order, frame, `_INBOX.abuse.${sent + index}`);
    }
    const tookMs = await timeOfCanary(peer);
    canaryMs.push(tookMs ?? canaryLimitMs);
    // A deaf one stays so: one more canary in each chunk would only cost time.
    if (tookMs === undefined && ++deaf === 5) break;
  }
  await until("the answers", () => answers.size >= frames, 3_000).catch(() => {});
  await bounded(service.stop(100));
  const once = [...answers.values()].filter((times) => times === 1).length;
  return { deaf, uncounted: frames - once + untyped, idleMs, canaryMs };
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

async function timeOfCanary(peer: RawPeer): Promise<number | undefined> {
  const start = performance.now();
  const answer = peer.request(faultsSubjects.order, canaryBody).then(() => performance.now() - start);
  return await Promise.race([answer, pauseMs(canaryLimitMs).then(() => undefined)]);
}
