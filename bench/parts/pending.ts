import type { Bench } from "../harness/bench.ts";
import { type Contender, requestContenders } from "../harness/contenders.ts";
import { interleave } from "../harness/interleave.ts";
import { RequestTeam } from "../harness/request-team.ts";
import { median } from "../harness/statistics.ts";
import type { HeapSize } from "../harness/worker.ts";
import { compare, type PartResult } from "../harness/workload.ts";

const count = 10_000;

/** What a request costs in memory while nobody answers it. */
export async function measurePending(bench: Bench): Promise<PartResult> {
  const title = `Heap of a pending request, of ${count.toLocaleString("en")}`;
  bench.say(title);
  const sizes = await interleave(
    requestContenders,
    bench.rounds,
    (contender) => measure(bench, contender),
  );
  const measured = requestContenders.map((contender) => ({
    contender,
    values: sizes.get(contender)!.map(({ heap }) => heap),
  }));
  const buffers = requestContenders.map((contender) =>
    `${contender.title} ${
      Math.round(median(sizes.get(contender)!.map((size) => size.buffers)))
    }`
  );
  return {
    workloads: [compare(title, "bytes", measured)],
    notes: [
      `Besides, for each request, bytes of buffers outside the heap: ${
        buffers.join(", ")
      }`,
    ],
  };
}

async function measure(bench: Bench, contender: Contender): Promise<HeapSize> {
  // A new one each time: what is pending cannot be taken back.
  await using team = await RequestTeam.open(bench, contender, {
    serve: "hold",
    nodeFlags: ["--expose-gc"],
  });
  const before = await team.client.ask<HeapSize>("heap");
  await team.client.ask("pending", { count });
  let served = 0;
  while (served < count) [served = 0] = await team.served();
  const after = await team.client.ask<HeapSize>("heap");
  return {
    heap: (after.heap - before.heap) / count,
    buffers: (after.buffers - before.buffers) / count,
  };
}
