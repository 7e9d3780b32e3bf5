import type { Bench } from "../harness/bench.ts";
import { memoryContender, natsContender } from "../harness/contenders.ts";
import { RequestTeam } from "../harness/request-team.ts";
import type { PartResult } from "../harness/workload.ts";
import { measureInFlight } from "./requests.ts";

/** The memory transport, client and server in one process, beside the same over NATS. */
export async function measureMemory(bench: Bench): Promise<PartResult> {
  await using inMemory = await RequestTeam.open(bench, memoryContender, {
    servers: 0,
  });
  await using overNats = await RequestTeam.open(bench, natsContender);
  const title = "Requests in memory, 128 in flight";
  return {
    workloads: [await measureInFlight(bench, [inMemory, overNats], 128, title)],
    notes: [],
  };
}
