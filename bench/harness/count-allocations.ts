import { quickPlan } from "./bench.ts";
import { memoryContender, ours } from "./contenders.ts";
import { RequestTeam } from "./request-team.ts";
import { median } from "./statistics.ts";
import type { Worker } from "./worker.ts";

// 128 MiB hold all that is counted at once, so that nothing is collected meanwhile.
const nodeFlags = [
  "--single-threaded",
  "--expose-gc",
  "--min-semi-space-size=128",
  "--max-semi-space-size=128",
];
const warmUpRequests = 20_000;
const windows = 3;

/** Bytes that each kind of work allocates, by its name. */
export type Allocations = Readonly<Record<string, number>>;

/** Requests and events over the memory transport, both ends in one process. */
export async function countInMemory(library: string): Promise<Allocations> {
  const bench = { ...quickPlan, brokerUrl: "", library, say: () => {} };
  await using team = await RequestTeam.open(bench, memoryContender, {
    servers: 0,
    nodeFlags,
  });
  const { client } = team;
  const ask = (count: number) =>
    client.ask("requests", { inFlight: 128, count });
  const tell = (count: number) => client.ask("tell", { count, bytes: 100 });
  await ask(warmUpRequests);
  const [request] = await countEach([client], 4_000, ask);
  await tell(warmUpRequests);
  const [event] = await countEach([client], 4_000, tell);
  return {
    "request and answer in memory, both ends": request!,
    "event in memory, both ends": event!,
  };
}

/** Requests over NATS: one at a time, because how many share a write depends on the machine. */
export async function countOverNats(
  library: string,
  brokerUrl: string,
): Promise<Allocations> {
  const bench = { ...quickPlan, brokerUrl, library, say: () => {} };
  await using team = await RequestTeam.open(bench, ours, { nodeFlags });
  const { client, servers } = team;
  await client.ask("requests", { inFlight: 16, count: warmUpRequests });
  const ask = (count: number) => client.ask("requests", { inFlight: 1, count });
  const [asked, served] = await countEach([client, ...servers], 2_000, ask);
  return {
    "request over NATS, at the client": asked!,
    "request over NATS, at the server": served!,
  };
}

async function countEach(
  workers: readonly Worker[],
  count: number,
  work: (count: number) => Promise<unknown>,
): Promise<number[]> {
  const bytes: number[][] = workers.map(() => []);
  for (let window = 0; window < windows; window++) {
    for (const worker of workers) await worker.ask("count");
    await work(count);
    for (const [index, worker] of workers.entries()) {
      bytes[index]!.push(await worker.ask<number>("counted") / count);
    }
  }
  return bytes.map(median);
}
