import { type Figure, none, type Size } from "../../faults/figures.ts";
import { pauseMs } from "../../faults/pause-ms.ts";
import { MemoryWatch } from "../../faults/resident-memory.ts";
import type { GatewayExperiment } from "./gateway-experiment.ts";
import { type GatewayScene, startGatewayScene } from "./gateway-scene.ts";
import { type Attack, attackOnce, attacks, crumbs } from "./oversized-attacks.ts";
import { processFigures } from "./process-figures.ts";
import { slowUploads } from "./slow-uploads.ts";

const settleMs = 1_500;
const mebibyte = 1_024 * 1_024;
/** How often each attack is made, and how many at a time. */
const sizes: Readonly<Record<Size, { readonly times: number; readonly atOnce: number; readonly uploads: number }>> = {
  small: { times: 4, atOnce: 4, uploads: 400 },
  large: { times: 100, atOnce: 4, uploads: 1_000 },
};

/** G2: more than the gateway takes. */
export const oversizedBodies: GatewayExperiment = {
  id: "G2",
  promise: "What is too large is refused before it is read, and the gateway's memory stays as it is",
  sizes: { small: describeSize("small"), large: describeSize("large") },
  largeLimitMs: 240_000,
  run: async (size) => {
    const { times, atOnce, uploads } = sizes[size];
    await using scene = await startGatewayScene();
    await scene.warmUp();
    // Once each, so that what Node allocates for good at the first is there already.
    for (const attack of attacks) await attackOnce(scene.port, attack, "127.0.30.");
    let large: Outcome | undefined;
    let small: Outcome | undefined;
    const upstream = await scene.spy.countDuring(async () => {
      large = await attackWith(scene, attacks, times, atOnce);
      small = await attackWith(scene, [crumbs], times, atOnce);
    });
    const { tried, wrong, taken, grown, kept } = large!;
    const figures: Figure[] = [
      { name: "attacks", value: tried + small!.tried },
      { name: "answers of another status", value: wrong + small!.wrong, limit: none },
      { name: "memory grown", value: grown, unit: "MiB", limit: { atMost: 20 } },
      { name: "heap kept when all is over", value: Math.max(0, kept), unit: "MiB", limit: { atMost: 2 } },
      { name: "most bytes that one attack could send", value: taken, unit: "MiB" },
      { name: "memory grown by chunks of one byte", value: small!.grown, unit: "MiB" },
      { name: "heap kept of them", value: Math.max(0, small!.kept), unit: "MiB", limit: { atMost: 2 } },
      { name: "messages upstream", value: upstream, limit: none },
    ];
    return [...figures, ...await slowUploads(scene, uploads), ...processFigures(scene)];
  },
};

function describeSize(size: Size): string {
  const { times, atOnce, uploads } = sizes[size];
  return `${attacks.length + 1} attacks × ${times}, ${atOnce} at once; ${uploads} slow uploads`;
}

/** What came of attacks; sizes in MiB. */
interface Outcome {
  readonly tried: number;
  /** How many were answered otherwise than they should be. */
  readonly wrong: number;
  /** The most that one of them could send. */
  readonly taken: number;
  /** By how much the gateway's memory grew meanwhile, at most. */
  readonly grown: number;
  /** How much more heap it has when all is over. */
  readonly kept: number;
}

async function attackWith(
  { port, gateway }: GatewayScene,
  attacks: readonly Attack[],
  times: number,
  atOnce: number,
): Promise<Outcome> {
  const { heapBytes } = await gateway.tell("measure");
  using memory = new MemoryWatch(gateway.pid);
  let tried = 0;
  let taken = 0;
  const wrong = new Map<string, number>();
  for (const [index, attack] of attacks.entries()) {
    let left = times;
    const work = async (): Promise<void> => {
      while (left-- > 0) {
        const { status, bytes } = await attackOnce(port, attack, `127.0.${31 + index}.`);
        tried += 1;
        taken = Math.max(taken, bytes);
        if (attack.statuses.includes(status)) continue;
        const line = `${attack.name}: ${status}`;
        wrong.set(line, (wrong.get(line) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  }
  const grown = memory.grownBytes / mebibyte;
  // What waits to be finalized is let go of some turns later.
  await pauseMs(settleMs);
  const kept = ((await gateway.tell("measure")).heapBytes - heapBytes) / mebibyte;
  for (const [line, count] of wrong) console.log(`${count} × ${line}`);
  const wrongOnes = [...wrong.values()].reduce((sum, count) => sum + count, 0);
  return { tried, wrong: wrongOnes, taken: taken / mebibyte, grown, kept };
}
