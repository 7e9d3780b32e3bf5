import type { Bench } from "../harness/bench.ts";
import { watchedContender } from "../harness/contenders.ts";
import { RequestTeam } from "../harness/request-team.ts";
import { slope } from "../harness/statistics.ts";
import type { HeapSize, Worker } from "../harness/worker.ts";
import { compare, type PartResult } from "../harness/workload.ts";

const inFlight = 128;
const warmUpRequests = 200_000;
const requests = 1_000_000;
const samples = 20;

/** Whether anything is left of a request: the heap after each of many parts of a million. */
export async function measureHeap(bench: Bench): Promise<PartResult> {
  const total = Math.round(requests * bench.scale);
  bench.say(`Heap after ${total.toLocaleString("en")} requests`);
  await using team = await RequestTeam.open(bench, watchedContender, {
    nodeFlags: ["--expose-gc"],
  });
  const { client, servers: [server] } = team;
  await send(client, Math.round(warmUpRequests * bench.scale));
  const points: Record<"client" | "server", [number, number][]> = {
    client: [],
    server: [],
  };
  for (let sample = 0; sample <= samples; sample++) {
    if (sample > 0) await send(client, Math.round(total / samples));
    const sent = total * sample / samples;
    points.client.push([sent, await heapAndBuffers(client)]);
    points.server.push([sent, await heapAndBuffers(server!)]);
  }
  const pending = await client.ask<number>("waiting");
  const workload = (end: "client" | "server") =>
    compare(
      `Growth of the ${end}'s heap over ${total.toLocaleString("en")} requests`,
      "bytes/request",
      [{
        contender: watchedContender,
        values: [slope(points[end])],
      }],
    );
  const heaps = (["client", "server"] as const).map((end) => {
    const mebibytes = points[end].map(([, bytes]) =>
      (bytes / 2 ** 20).toFixed(2)
    );
    return `The ${end}'s heap, sample by sample, in MiB: ${
      mebibytes.join(" ")
    }`;
  });
  return {
    workloads: [workload("client"), workload("server")],
    notes: [`Requests in the pending table afterwards: ${pending}`, ...heaps],
  };
}

async function heapAndBuffers(worker: Worker): Promise<number> {
  const { heap, buffers } = await worker.ask<HeapSize>("heap");
  return heap + buffers;
}

async function send(client: Worker, count: number): Promise<void> {
  await client.ask("requests", { inFlight, count });
}
