import type { Bench } from "../harness/bench.ts";
import { ours } from "../harness/contenders.ts";
import { EventTeam } from "../harness/event-team.ts";
import { RequestTeam } from "../harness/request-team.ts";
import type { Worker } from "../harness/worker.ts";
import type { PartResult } from "../harness/workload.ts";

interface CpuProfile {
  readonly busyShare: number;
  readonly functions: readonly {
    readonly name: string;
    readonly share: number;
  }[];
}

type HeapProfile = readonly { readonly name: string; readonly bytes: number }[];

/** Work that is profiled, and the processes that do it. */
interface Profiled {
  readonly title: string;
  readonly ends: Readonly<Record<string, Worker>>;
  readonly work: (durationMs: number) => Promise<{ readonly count: number }>;
}

const functionsShown = 10;

/** Where this library spends time and memory: the ten functions with the most of their own, in each process. */
export async function measureProfile(bench: Bench): Promise<PartResult> {
  const notes: string[] = [];
  {
    await using team = await RequestTeam.open(bench, ours);
    notes.push(
      ...await profile(bench, {
        title: "Requests, 128 in flight",
        ends: { client: team.client, server: team.servers[0]! },
        work: (durationMs) => team.measure({ inFlight: 128 }, durationMs),
      }),
    );
  }
  for (const bytes of [100, 4_096]) {
    await using team = await EventTeam.open(bench, ours);
    notes.push(
      ...await profile(bench, {
        title: `Events of ${bytes} B`,
        ends: { publisher: team.publisher, listener: team.listener },
        work: (durationMs) => team.measure(bytes, durationMs),
      }),
    );
  }
  return { workloads: [], notes };
}

async function profile(
  bench: Bench,
  { title, ends, work }: Profiled,
): Promise<string[]> {
  bench.say(title);
  const workers = Object.values(ends);
  await work(bench.warmUpMs);
  for (const worker of workers) await worker.ask("profileCpu");
  await work(bench.durationMs * 2);
  const times = await Promise.all(
    workers.map((worker) => worker.ask<CpuProfile>("profiledCpu")),
  );
  // In a run of its own: it costs time.
  for (const worker of workers) await worker.ask("profileHeap");
  const { count } = await work(bench.durationMs);
  const heaps = await Promise.all(
    workers.map((worker) => worker.ask<HeapProfile>("profiledHeap")),
  );
  return Object.keys(ends).map((end, index) =>
    [
      `**${title}, ${end}**`,
      timeText(times[index]!),
      heapText(heaps[index]!, count),
    ].join("\n\n")
  );
}

function timeText({ busyShare, functions }: CpuProfile): string {
  const percent = (share: number): string =>
    `${(share * 100).toFixed(1).padStart(5)} %`;
  const lines = functions.slice(0, functionsShown).map(({ name, share }) =>
    `${percent(share)}  ${name}`
  );
  return `Time, busy ${percent(busyShare).trim()} of it:\n${lines.join("\n")}`;
}

function heapText(functions: HeapProfile, count: number): string {
  const each = (bytes: number): string =>
    (bytes / count).toFixed(0).padStart(5);
  const total = functions.reduce((sum, { bytes }) => sum + bytes, 0);
  const lines = functions.slice(0, functionsShown).map(({ name, bytes }) =>
    `${each(bytes)} B  ${name}`
  );
  return `Memory, ${each(total).trim()} B of the heap for each:\n${
    lines.join("\n")
  }`;
}
