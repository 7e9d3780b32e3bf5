import { type Figure, none, type Size } from "../../faults/figures.ts";
import { seededRandom } from "../../support/seeded-random.ts";
import { until } from "../../support/until.ts";
import type { GatewayExperiment } from "./gateway-experiment.ts";
import { GatewayNumbers } from "./gateway-metrics.ts";
import { type GatewayScene, startGatewayScene } from "./gateway-scene.ts";
import { openSockets } from "./open-sockets.ts";
import { pauseMs } from "../../faults/pause-ms.ts";
import { processFigures } from "./process-figures.ts";
import { slope } from "./slope.ts";

const sizes: Readonly<Record<Size, { readonly calls: number; readonly rounds: number }>> = {
  small: { calls: 100, rounds: 3 },
  large: { calls: 1_000, rounds: 6 },
};
const settleMs = 10_000;
const seed = 20_261_124;
/** Within this time callers of a round leave, at random: some before their request has come as far as to the service. */
const earlyMs = 200;

/** G10: callers who do not wait for their answer. */
export const leavingCallers: GatewayExperiment = {
  id: "G10",
  promise: "A caller who leaves ends its work behind the gateway too, and nothing of it stays",
  sizes: { small: describeSize("small"), large: describeSize("large") },
  largeLimitMs: 180_000,
  run: async (size) => {
    const { calls, rounds } = sizes[size];
    await using scene = await startGatewayScene();
    const { gateway, service, port } = scene;
    await scene.warmUp();
    const late = await leave(scene, calls);
    const early = await leaveEarly(scene, calls);
    const base = await gateway.tell("measure");
    const heaps = [base.heapBytes];
    for (let round = 1; round < rounds; round++) {
      await leave(scene, calls);
      heaps.push((await gateway.tell("measure")).heapBytes);
    }
    const { sockets, timers } = await gateway.tell("measure");
    const numbers = await GatewayNumbers.of(port);
    const { running, begun, aborted, finished } = await service.tell("waits");
    const figures: Figure[] = [
      { name: "callers who left", value: calls * (rounds + 1) },
      { name: "handlers told, of those that began", value: begun - aborted, limit: none },
      { name: "handlers that worked to the end", value: finished, limit: none },
      { name: "handlers still at work", value: running, limit: none },
      { name: "time until all were told", value: late.toldMs, unit: "ms", limit: { atMost: 5_000 } },
      {
        name: "answers counted as 499, fewer than callers who left",
        value: calls * (rounds + 1) - early.neverCame -
          numbers.sum("requests_total", { operation: "wait", status: "499" }),
        limit: none,
      },
      { name: "requests still under way in the gateway", value: numbers.sum("requests_in_flight"), limit: none },
      { name: "sockets left", value: Math.max(0, sockets - base.sockets), limit: none },
      { name: "timers left", value: Math.max(0, timers - base.timers), limit: none },
      {
        name: "heap kept per caller who left",
        value: slope(heaps) / calls,
        unit: "B",
        limit: { atMost: 200, largeOnly: true },
      },
    ];
    return [...figures, ...processFigures(scene)];
  },
};

function describeSize(size: Size): string {
  const { calls, rounds } = sizes[size];
  return `${rounds} rounds of ${calls} callers who leave handlers of 30 s, and one of callers who leave early`;
}

/** A call with its body as it is, or in a chunk: servers read the one and the other by ways of their own. */
async function requestTexts({ provider }: GatewayScene): Promise<readonly string[]> {
  const body = '{"text":"a"}';
  const head = [
    "POST /trial/v1/wait HTTP/1.1",
    "Host: a",
    // Each time somebody else: all of them together ask more than one identity may.
    `Authorization: Bearer ${await provider.sign({ subject: crypto.randomUUID() })}`,
    "Content-Type: application/json",
  ].join("\r\n");
  return [
    `${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    `${head}\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
  ];
}

/** Calls, waits until every handler is at work, leaves; gives how long it took until all handlers were told. */
async function leave(scene: GatewayScene, calls: number): Promise<{ readonly toldMs: number }> {
  const { service, port } = scene;
  const { begun } = await service.tell("waits");
  const texts = await requestTexts(scene);
  const sockets = await openSockets(port, calls, "127.0.70.");
  for (const [index, socket] of sockets.entries()) socket.write(texts[index % texts.length]!);
  await until("every handler is at work", async () => (await service.tell("waits")).begun === begun + calls, 30_000);
  const startedAt = performance.now();
  for (const socket of sockets) socket[Symbol.dispose]();
  await until("every handler was told", async () => (await service.tell("waits")).running === 0, settleMs);
  return { toldMs: performance.now() - startedAt };
}

/** Calls and leaves at any time: gives how many requests the gateway never saw whole. */
async function leaveEarly(scene: GatewayScene, calls: number): Promise<{ readonly neverCame: number }> {
  const { port, service } = scene;
  const random = seededRandom(seed);
  const texts = await requestTexts(scene);
  const before = await countOfWait(port);
  const sockets = await openSockets(port, calls, "127.0.71.");
  await Promise.all(sockets.map(async (socket, index) => {
    socket.write(texts[index % texts.length]!);
    await pauseMs(random.below(earlyMs));
    socket[Symbol.dispose]();
  }));
  const isQuiet = async (): Promise<boolean> => {
    const { running } = await service.tell("waits");
    return running === 0 && (await GatewayNumbers.of(port)).sum("requests_in_flight") === 0;
  };
  await until("all is quiet again", isQuiet, settleMs);
  return { neverCame: calls - (await countOfWait(port) - before) };
}

async function countOfWait(port: number): Promise<number> {
  return (await GatewayNumbers.of(port)).sum("requests_total", { operation: "wait" });
}
