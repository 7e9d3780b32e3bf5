import { type Figure, none } from "../../faults/figures.ts";
import type { SeededRandom } from "../../support/seeded-random.ts";
import { until } from "../../support/until.ts";
import { GatewayNumbers } from "./gateway-metrics.ts";
import type { GatewayScene } from "./gateway-scene.ts";
import { RawSocket } from "./raw-socket.ts";
import { slope } from "./slope.ts";

const rounds = 6;
const atOnce = 50;
/** More than the head of an answer and some events have. */
const mostBytes = 2_000;
const query = "/trial/v1/events?name=ticked";
const settleMs = 20_000;

/** Opens streams and breaks each off at a random byte; gives what is left of them in the gateway and at the broker. */
export async function abandonedStreams(
  scene: GatewayScene,
  cycles: number,
  random: SeededRandom,
): Promise<readonly Figure[]> {
  const { gateway, service, subscriptions } = scene;
  let isOver = false;
  // Events on the way while readers leave.
  const ticking = (async () => {
    while (!isOver) await service.tell("tick", { padding: "p".repeat(100), times: 1, atOnce: 1 });
  })();
  let opened = 0;
  const cycle = async (count: number): Promise<void> => {
    let left = count;
    const work = async (): Promise<void> => {
      while (left-- > 0) if (await abandonOne(scene.port, random)) opened += 1;
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    await until(
      "every stream is over",
      async () => (await GatewayNumbers.of(scene.port)).sum("streams") === 0,
      settleMs,
    );
  };
  // What Node and V8 keep for good is there after the first ones.
  await cycle(Math.ceil(cycles / rounds));
  const base = { ...await gateway.tell("measure"), subscriptions: await subscriptions() };
  const heaps = [base.heapBytes];
  for (let round = 0; round < rounds; round++) {
    await cycle(Math.ceil(cycles / rounds));
    heaps.push((await gateway.tell("measure")).heapBytes);
  }
  isOver = true;
  await ticking;
  const isBack = async (): Promise<boolean> => {
    const { timers } = await gateway.tell("measure");
    return timers <= base.timers && await subscriptions() <= base.subscriptions;
  };
  await until("all is as before", isBack, 5_000).catch(() => {});
  const { timers } = await gateway.tell("measure");
  const perCycle = slope(heaps) / Math.ceil(cycles / rounds);
  return [
    { name: "streams that were open when they were left", value: opened },
    {
      name: "subscriptions left at the broker",
      value: await subscriptions() - base.subscriptions,
      limit: { atMost: 0 },
    },
    { name: "timers left", value: Math.max(0, timers - base.timers), limit: none },
    {
      name: "heap kept per stream opened and left",
      value: perCycle,
      unit: "B",
      limit: { atMost: 200, largeOnly: true },
    },
  ];
}

/** Tells whether the stream was open by then. */
async function abandonOne(port: number, random: SeededRandom): Promise<boolean> {
  const address = `127.0.${140 + random.below(20)}.${1 + random.below(250)}`;
  const request = `GET ${query} HTTP/1.1\r\nHost: a\r\n\r\n`;
  using socket = await RawSocket.connect(port, { address });
  if (random.below(4) === 0) {
    socket.write(request.slice(0, random.below(request.length)));
    return false;
  }
  socket.write(request);
  const wanted = random.below(mostBytes);
  await socket.untilBytes(wanted);
  return socket.text.includes(": ready");
}
