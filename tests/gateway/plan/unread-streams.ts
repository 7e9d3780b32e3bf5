import { type Figure, none } from "../../faults/figures.ts";
import { pauseMs } from "../../faults/pause-ms.ts";
import { MemoryWatch } from "../../faults/resident-memory.ts";
import { until } from "../../support/until.ts";
import { GatewayNumbers } from "./gateway-metrics.ts";
import type { GatewayScene } from "./gateway-scene.ts";
import { openSockets } from "./open-sockets.ts";
import type { RawSocket } from "./raw-socket.ts";

const padding = "p".repeat(16_384);
/** The system takes some MB for each connection before the gateway sees that nobody reads: not for all at the same time. */
const largestBatch = 100;
const atOnce = 2;
/** Between two pieces: it is readers that are on trial here, not how fast events can go to all. */
const pourEveryMs = 20;
/** Events that are about half of what may wait for a reader. */
const halfOfWaiting = 8;
const closeLimitMs = 5_000;
const kibibyte = 1_024;

/** Opens streams that nobody reads, fills them batch by batch, and waits until the gateway has cut each. */
export async function unreadStreams(
  scene: GatewayScene,
  readers: number,
  stallLimitMs: number,
): Promise<readonly Figure[]> {
  const { port, gateway } = scene;
  const sizeOfBatch = Math.min(largestBatch, Math.ceil(readers / 2));
  const batches: { readonly name: string; readonly sockets: readonly RawSocket[] }[] = [];
  for (let opened = 0; opened < readers; opened += sizeOfBatch) {
    const name = `batch-${opened}`;
    const head = `GET /trial/v1/events?name=poured&batch=${name} HTTP/1.1\r\nHost: a\r\n\r\n`;
    const count = Math.min(sizeOfBatch, readers - opened);
    const sockets = await openSockets(port, count, addressesOf(batches.length), head, { reads: false });
    batches.push({ name, sockets });
  }
  await until("every stream is open", async () => (await GatewayNumbers.of(port)).sum("streams") === readers, 20_000);
  using memory = new MemoryWatch(gateway.pid);
  let cut = 0;
  let events = 0;
  let stalledMs = Number.NaN;
  let held = 0;
  for (const [index, { name, sockets }] of batches.entries()) {
    const wanted = cut + sockets.length;
    if (index < batches.length - 1) {
      const poured = await pourUntilCut(scene, name, wanted);
      events = Math.max(events, poured);
    } else {
      // As much as the others took, but half of what may wait: that is cut for its time.
      await pour(scene, name, events - halfOfWaiting);
      const startedAt = performance.now();
      await until("readers that take nothing are cut", async () => await cutStreams(port) >= wanted, stallLimitMs * 3);
      stalledMs = performance.now() - startedAt;
    }
    cut = wanted;
    const openOnes = (): Promise<number> => gateway.tell("connections", addressesOf(index));
    await until("their connections are closed", async () => await openOnes() === 0, closeLimitMs).catch(async () => {
      held += await openOnes();
    });
    for (const socket of sockets) socket[Symbol.dispose]();
  }
  const cutAsSlow = await cutStreams(port);
  return [
    { name: "unread streams cut", value: cut, limit: { atLeast: readers } },
    {
      name: "unread streams cut as slow",
      value: cutAsSlow,
      limit: { atLeast: readers },
    },
    { name: "stalled streams cut after", value: stalledMs, unit: "ms", limit: { atMost: stallLimitMs } },
    { name: "connections of cut readers held on to", value: held, limit: none },
    {
      name: "memory per unread stream",
      value: memory.grownBytes / kibibyte / readers,
      unit: "KiB",
      limit: { atMost: 320, largeOnly: true },
    },
  ];
}

function addressesOf(batch: number): string {
  return `127.0.${20 + batch}.`;
}

async function cutStreams(port: number): Promise<number> {
  return (await GatewayNumbers.of(port)).sum("streams_ended_total", { reason: "slow" });
}

async function pour({ service }: GatewayScene, batch: string, times: number): Promise<void> {
  await service.tell("pour", { batch, padding, times, atOnce });
}

/** Pours until so many streams have been cut; gives how many events that took. */
async function pourUntilCut(scene: GatewayScene, batch: string, wanted: number): Promise<number> {
  let events = 0;
  for (; events < 4_000; events += atOnce) {
    await pour(scene, batch, atOnce);
    await pauseMs(pourEveryMs);
    if (await cutStreams(scene.port) >= wanted) return events;
  }
  throw new Error(`${events} events of ${padding.length} bytes filled no stream of ${batch}`);
}
