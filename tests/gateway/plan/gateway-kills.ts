import { createMessagingClient, HttpTransport, isMessagingError, type MessagingClient } from "../../../mod.ts";
import { type Figure, none, type Size } from "../../faults/figures.ts";
import { pauseMs } from "../../faults/pause-ms.ts";
import { percentile } from "../../faults/percentile.ts";
import { until } from "../../support/until.ts";
import { EventSocket } from "./event-socket.ts";
import type { GatewayExperiment } from "./gateway-experiment.ts";
import { type GatewayScene, startGatewayScene } from "./gateway-scene.ts";
import { HttpCaller } from "./http-caller.ts";
import { processFigures } from "./process-figures.ts";
import { trial } from "./trial-contract.ts";

const sizes = { small: { kills: 2, clients: 3 }, large: { kills: 15, clients: 20 } } as const;
const everyMs = 2_000;
/** How long nobody listens at the port after a kill. */
const awayMs = 300;
const backLimitMs = 5_000;
const requestEveryMs = 50;
const tickEveryMs = 20;

const forgedIds = [
  "x",
  "AAAAAAAA",
  "-1",
  "AAAAAAAA-",
  "AAAAAAAA-x",
  "AAAAAAAA-1-",
  "AAAAAAAA 1",
  "AAAAAAAA-1, AAAAAAAA-2",
  "AAAAAAAA-12345678901234567",
  `${"A".repeat(65)}-1`,
  "../AAAAAAAA-1",
  "\u00e9-1",
  "AAAAAAAA-1\tx",
  "*",
  ">",
];

/** G7, as far as events are not stored: ids that are forged or unknown, and a gateway that is killed again and again. */
export const gatewayKills: GatewayExperiment = {
  id: "G7",
  promise:
    "Forged event ids are refused, unknown ones start anew and say so, and clients come back by themselves when the gateway was killed",
  sizes: { small: describeSize("small"), large: describeSize("large") },
  largeLimitMs: 180_000,
  run: async (size) => {
    await using scene = await startGatewayScene();
    return [...await tryIds(scene), ...await killAgainAndAgain(scene, sizes[size]), ...processFigures(scene)];
  },
};

function describeSize(size: Size): string {
  const { kills, clients } = sizes[size];
  return `${forgedIds.length} forged ids; ${clients} clients of HttpTransport, gateway killed ${kills} times, every ${
    everyMs / 1_000
  } s`;
}

async function tryIds({ port }: GatewayScene): Promise<readonly Figure[]> {
  using caller = new HttpCaller(port, "127.0.90.1");
  let let400 = 0;
  for (const id of forgedIds) {
    const { status, body } = await caller.ask("/trial/v1/events?name=ticked", { headers: { "Last-Event-ID": id } });
    if (status === 400 && /"code":"INVALID_REQUEST"/.test(body)) let400 += 1;
    else console.log(`The id ${JSON.stringify(id)} was answered with ${status} ${body}`);
  }
  let resets = 0;
  const unknown = ["AAAAAAAA-1", "AAAAAAAA-999999", `${"A".repeat(64)}-1`];
  for (const lastEventId of unknown) {
    using stream = await EventSocket.open(port, "name=ticked", { lastEventId, address: "127.0.90.2" });
    const text = await stream.until(/\n\n[^]*\n\n/);
    if (/: ready\n\n(?:\r\n[^\r]*\r\n)?event: gateway\.reset\ndata: \{"reason":"[^"]+"\}\n\n/.test(text)) resets += 1;
    else console.log(text);
  }
  return [
    { name: "forged ids answered with 400", value: let400, limit: { atLeast: forgedIds.length } },
    { name: "unknown ids that got the reset event first", value: resets, limit: { atLeast: unknown.length } },
  ];
}

/** What a client saw. */
interface Seen {
  /** The numbers of the events that came, in order. */
  readonly counts: number[];
  readonly succeeded: string[];
  readonly failed: { readonly text: string; readonly code: string; readonly execution: string }[];
  /** Requests that have not ended. */
  pending: number;
  heardAt: number;
  succeededAt: number;
}

async function killAgainAndAgain(
  scene: GatewayScene,
  { kills, clients: howMany }: { readonly kills: number; readonly clients: number },
): Promise<readonly Figure[]> {
  const { port, spy, service } = scene;
  let gateway = scene.gateway;
  let standby = scene.startGateway();
  const seen: Seen[] = [];
  const clients = Array.from({ length: howMany }, () => {
    return createMessagingClient({
      contract: trial,
      transport: new HttpTransport({ url: `http://127.0.0.1:${port}` }),
    });
  });
  let isOver = false;
  const work: Promise<void>[] = [];
  for (const [index, client] of clients.entries()) {
    await client.connect();
    const own: Seen = { counts: [], succeeded: [], failed: [], pending: 0, heardAt: 0, succeededAt: 0 };
    seen.push(own);
    await client.subscribe("ticked", ({ count }) => {
      own.counts.push(count);
      own.heardAt = performance.now();
    }).ready;
    work.push((async () => {
      for (let number = 0; !isOver; number++) {
        void ask(client, `${index}-${number}.`, own);
        await pauseMs(requestEveryMs);
      }
    })());
  }
  work.push((async () => {
    for (let count = 0; !isOver; count++) {
      await service.tell("tickOnce", count);
      await pauseMs(tickEveryMs);
    }
  })());
  const heardAgainMs: number[] = [];
  const askedAgainMs: number[] = [];
  let neverBack = 0;
  for (let kill = 0; kill < kills; kill++) {
    await pauseMs(everyMs);
    const next = await standby;
    await gateway.kill();
    await pauseMs(awayMs);
    await next.tell("listen", port);
    const listensAt = performance.now();
    gateway = next;
    standby = scene.startGateway();
    const isBack = (): boolean => seen.every(({ heardAt, succeededAt }) => Math.min(heardAt, succeededAt) > listensAt);
    await until("every client is back", isBack, backLimitMs * 2).catch(() => {
      neverBack += seen.filter(({ heardAt, succeededAt }) => Math.min(heardAt, succeededAt) <= listensAt).length;
    });
    heardAgainMs.push(...seen.map(({ heardAt }) => heardAt - listensAt));
    askedAgainMs.push(...seen.map(({ succeededAt }) => succeededAt - listensAt));
  }
  // Nothing is killed any more: now everything has to succeed.
  await pauseMs(everyMs);
  const failedBefore = seen.reduce((sum, { failed }) => sum + failed.length, 0);
  const succeededBefore = seen.reduce((sum, { succeeded }) => sum + succeeded.length, 0);
  await pauseMs(everyMs);
  const failedInCalm = seen.reduce((sum, { failed }) => sum + failed.length, 0) - failedBefore;
  const succeededInCalm = seen.reduce((sum, { succeeded }) => sum + succeeded.length, 0) - succeededBefore;
  isOver = true;
  await Promise.all(work);
  const isSettled = (): boolean => seen.every(({ pending }) => pending === 0);
  await until("every request has ended", isSettled, 10_000).catch(() => {});
  await Promise.all(clients.map((client) => client.disconnect()));
  await Promise.all([gateway.kill(), standby.then((unused) => unused.kill())]);
  const executed = new Set(spy.messages.map(({ body }) => /"text":"([^"]*)"/.exec(body)?.[1]));
  const failures = seen.flatMap(({ failed }) => failed);
  const kinds = new Map<string, number>();
  for (const { code, execution } of failures) {
    kinds.set(`${code} ${execution}`, (kinds.get(`${code} ${execution}`) ?? 0) + 1);
  }
  console.log(`failures: ${JSON.stringify(Object.fromEntries(kinds))}`);
  return [
    { name: "clients that did not come back", value: neverBack, limit: none },
    {
      name: "longest until a subscription hears again",
      value: percentile(heardAgainMs, 100),
      unit: "ms",
      limit: { atMost: backLimitMs },
    },
    {
      name: "longest until a request succeeds again",
      value: percentile(askedAgainMs, 100),
      unit: "ms",
      limit: { atMost: backLimitMs },
    },
    { name: "requests", value: failures.length + seen.reduce((sum, { succeeded }) => sum + succeeded.length, 0) },
    { name: "requests that failed", value: failures.length },
    { name: "requests that failed after the last kill", value: failedInCalm, limit: none },
    { name: "requests that succeeded after it", value: succeededInCalm, limit: { atLeast: howMany } },
    {
      name: "failures of another code than DISCONNECTED",
      value: failures.filter(({ code }) => code !== "DISCONNECTED").length,
      limit: none,
    },
    {
      name: "failures that say not executed and were",
      value: failures.filter(({ execution, text }) => execution === "not-executed" && executed.has(text)).length,
      limit: none,
    },
    { name: "requests that never ended", value: seen.reduce((sum, { pending }) => sum + pending, 0), limit: none },
    {
      name: "events missed meanwhile, of each client",
      value: Math.round(seen.reduce((sum, { counts }) => sum + missed(counts), 0) / howMany),
    },
    {
      name: "events heard twice",
      value: seen.reduce((sum, { counts }) => sum + counts.length - new Set(counts).size, 0),
      limit: none,
    },
  ];
}

async function ask(client: MessagingClient<typeof trial>, text: string, own: Seen): Promise<void> {
  own.pending += 1;
  try {
    await client.request("say", { text });
    own.succeeded.push(text);
    own.succeededAt = performance.now();
  } catch (error) {
    const { code, execution } = isMessagingError(error) ? error : { code: String(error), execution: "none" };
    own.failed.push({ text, code, execution });
  } finally {
    own.pending -= 1;
  }
}

/** How many numbers between the first and the last are not there. */
function missed(counts: readonly number[]): number {
  return counts.length === 0 ? 0 : counts.at(-1)! - counts[0]! + 1 - new Set(counts).size;
}
