import type { Bench } from "../harness/bench.ts";
import { ours } from "../harness/contenders.ts";
import { EventTeam } from "../harness/event-team.ts";
import { RequestTeam } from "../harness/request-team.ts";
import type { Worker } from "../harness/worker.ts";
import type { PartResult } from "../harness/workload.ts";

interface Profile {
  readonly busyShare: number;
  readonly functions: readonly { readonly name: string; readonly share: number }[];
}

type Ends = Readonly<Record<string, Worker>>;

/** Where this library spends its time: the ten functions with the most time of their own, in each process. */
export async function measureProfile(bench: Bench): Promise<PartResult> {
  const notes: string[] = [];
  {
    await using team = await RequestTeam.open(bench, ours);
    const ends = { client: team.client, server: team.servers[0]! };
    const work = (durationMs: number) => team.measure({ inFlight: 128 }, durationMs);
    notes.push(...await profile(bench, "Requests, 128 in flight", ends, work));
  }
  for (const bytes of [100, 4_096]) {
    await using team = await EventTeam.open(bench, ours);
    const ends = { publisher: team.publisher, listener: team.listener };
    const work = (durationMs: number) => team.measure(bytes, durationMs);
    notes.push(...await profile(bench, `Events of ${bytes} B`, ends, work));
  }
  return { workloads: [], notes };
}

async function profile(
  bench: Bench,
  title: string,
  ends: Ends,
  work: (durationMs: number) => Promise<unknown>,
): Promise<string[]> {
  bench.say(title);
  await work(bench.warmUpMs);
  for (const worker of Object.values(ends)) await worker.ask("profile");
  await work(bench.durationMs * 2);
  const texts: string[] = [];
  for (const [end, worker] of Object.entries(ends)) texts.push(`**${title}**, ${await topTen(end, worker)}`);
  return texts;
}

async function topTen(end: string, worker: Worker): Promise<string> {
  const { busyShare, functions } = await worker.ask<Profile>("profiled");
  const percent = (share: number): string => `${(share * 100).toFixed(1).padStart(5)} %`;
  const lines = functions.slice(0, 10).map(({ name, share }) => `${percent(share)}  ${name}`);
  return `${end}, busy ${percent(busyShare).trim()} of the time:\n${lines.join("\n")}`;
}
