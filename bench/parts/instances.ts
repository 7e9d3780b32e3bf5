import type { Bench } from "../harness/bench.ts";
import { instanceContenders } from "../harness/contenders.ts";
import { withRequestTeams } from "../harness/request-team.ts";
import type { PartResult, Workload } from "../harness/workload.ts";
import { measureInFlight } from "./requests.ts";

const inFlight = 128;

/** One, two and four servers that share the requests of a queue group. */
export async function measureInstances(bench: Bench): Promise<PartResult> {
  const workloads: Workload[] = [];
  const notes: string[] = [];
  for (const servers of [1, 2, 4]) {
    await withRequestTeams(
      bench,
      instanceContenders,
      { servers },
      async (teams) => {
        const title = `Requests, ${inFlight} in flight, ${servers} ${
          servers === 1 ? "server" : "servers"
        }`;
        workloads.push(await measureInFlight(bench, teams, inFlight, title));
        const served = await teams[0]!.served();
        const total = served.reduce((sum, count) => sum + count, 0);
        const shares = served.map((count) =>
          `${(count / total * 100).toFixed(1)} %`
        ).join(", ");
        notes.push(`${title}: ours took ${shares} of the requests`);
      },
    );
  }
  return { workloads, notes };
}
