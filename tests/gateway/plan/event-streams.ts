import { type Figure, none, type Size } from "../../faults/figures.ts";
import { percentile } from "../../faults/percentile.ts";
import { seededRandom } from "../../support/seeded-random.ts";
import { until } from "../../support/until.ts";
import { abandonedStreams } from "./abandoned-streams.ts";
import { EventSocket } from "./event-socket.ts";
import type { GatewayExperiment } from "./gateway-experiment.ts";
import { GatewayNumbers } from "./gateway-metrics.ts";
import { type GatewayScene, startGatewayScene } from "./gateway-scene.ts";
import type { ListenerProgram } from "./listener-program.ts";
import { processFigures } from "./process-figures.ts";
import { ToldProgram } from "./told-program.ts";

const sizes = {
  small: { cycles: 600, expiring: 20, idle: 200, events: 100 },
  large: { cycles: 10_000, expiring: 500, idle: 5_000, events: 200 },
} as const;
const streamsPerToken = 25;
const livesMs = 4_000;
const seed = 20_261_124;
const kibibyte = 1_024;

/** G6: event streams that come and go, that outlive their token, and that are many. */
export const eventStreams: GatewayExperiment = {
  id: "G6",
  promise:
    "A stream leaves nothing behind wherever it breaks off, ends with its token, and costs little while it is open",
  sizes: { small: describeSize("small"), large: describeSize("large") },
  largeLimitMs: 300_000,
  run: async (size) => {
    const { cycles, expiring, idle, events } = sizes[size];
    await using scene = await startGatewayScene();
    await scene.warmUp();
    return [
      ...await abandonedStreams(scene, cycles, seededRandom(seed)),
      ...await expiringStreams(scene, expiring),
      ...await idleStreams(scene, idle, events),
      ...processFigures(scene),
    ];
  },
};

function describeSize(size: Size): string {
  const { cycles, expiring, idle, events } = sizes[size];
  return `${cycles} streams left at a random byte, ${expiring} that outlive their token, ${idle} open at once, ${events} events to each`;
}

/** Streams whose token ends while they are open. */
async function expiringStreams({ port, provider }: GatewayScene, count: number): Promise<readonly Figure[]> {
  const expires = Math.ceil((Date.now() + livesMs) / 1_000);
  const streams: EventSocket[] = [];
  const tardy: number[] = [];
  let untyped = 0;
  try {
    for (let opened = 0; opened < count; opened += streamsPerToken) {
      const token = await provider.sign({ subject: `expiring-${opened}`, tenant: "tenant-1", expires });
      const more = Math.min(streamsPerToken, count - opened);
      const address = `127.0.8.${1 + opened / streamsPerToken}`;
      streams.push(
        ...await Promise.all(Array.from({ length: more }, () => {
          return EventSocket.open(port, "name=orderMoved&tenant=tenant-1", { token, address });
        })),
      );
    }
    const openedBefore = Date.now() < expires * 1_000;
    await Promise.all(streams.map(async (stream) => {
      const text = await stream.until(/\nevent: gateway\.end\n[^]*\r\n0\r\n\r\n/, 15_000);
      tardy.push(Date.now() - expires * 1_000);
      if (!/\nevent: gateway\.end\ndata: .*"code":"UNAUTHENTICATED"/.test(text)) untyped += 1;
    }));
    return [
      { name: "streams opened before their token ended", value: openedBefore ? count : 0, limit: { atLeast: count } },
      {
        name: "longest life behind the token's end",
        value: percentile(tardy, 100),
        unit: "ms",
        limit: { atMost: 5_000 },
      },
      { name: "shortest", value: percentile(tardy, 0), unit: "ms", limit: { atLeast: 0 } },
      { name: "streams that ended without the typed event", value: untyped, limit: none },
    ];
  } finally {
    for (const stream of streams) stream[Symbol.dispose]();
  }
}

/** Many open streams: what one costs while nothing happens, and how fast events go to all. */
async function idleStreams(scene: GatewayScene, count: number, events: number): Promise<readonly Figure[]> {
  const { gateway, service, provider, port, subscriptions } = scene;
  const tokens = await Promise.all(
    Array.from(
      { length: Math.ceil(count / streamsPerToken) },
      (_, index) => provider.sign({ subject: `idle-${index}` }),
    ),
  );
  const subscriptionsBefore = await subscriptions();
  await using listener = await ToldProgram.start<ListenerProgram>("listener-program.ts", { port, tokens });
  const before = await gateway.tell("measure");
  await listener.tell("open", count);
  const open = (await GatewayNumbers.of(port)).sum("streams");
  const after = await gateway.tell("measure");
  const subscriptionsWhile = await subscriptions();
  const { frames } = await listener.tell("count");
  const startedAt = performance.now();
  await service.tell("tick", { padding: "p".repeat(100), times: events, atOnce: 8 });
  const wanted = frames + count * events;
  let heard = await listener.tell("count");
  while (heard.frames < wanted && heard.closed === 0 && performance.now() - startedAt < 60_000) {
    heard = await listener.tell("count");
  }
  const tookMs = performance.now() - startedAt;
  await listener.tell("leave");
  const isOver = async (): Promise<boolean> => (await GatewayNumbers.of(port)).sum("streams") === 0;
  await until("every listener has left", isOver, 20_000).catch(() => {});
  const left = (await GatewayNumbers.of(port)).sum("streams");
  return [
    { name: "streams open at once", value: open, limit: { atLeast: count } },
    {
      name: "subscriptions at the broker for all of them",
      value: subscriptionsWhile - subscriptionsBefore,
      limit: { atMost: 1 },
    },
    {
      name: "resident memory per open stream",
      value: (after.residentBytes - before.residentBytes) / count / kibibyte,
      unit: "KiB",
    },
    { name: "heap per open stream", value: (after.heapBytes - before.heapBytes) / count / kibibyte, unit: "KiB" },
    { name: "events lost on the way to all", value: Math.max(0, wanted - heard.frames), limit: none },
    { name: "streams cut meanwhile", value: heard.closed, limit: none },
    { name: "events × streams per second", value: Math.round((count * events) / tookMs * 1_000) },
    { name: "streams left", value: left, limit: none },
  ];
}
