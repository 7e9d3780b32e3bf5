import { findRuntime } from "../../tests/runtimes/find-runtimes.ts";
import type { Bench } from "../harness/bench.ts";
import { runtimeContenders } from "../harness/contenders.ts";
import { withRequestTeams } from "../harness/request-team.ts";
import type { BenchRuntime } from "../harness/worker.ts";
import type { PartResult, Workload } from "../harness/workload.ts";
import { measureInFlight } from "./requests.ts";

const runtimes: readonly BenchRuntime[] = ["node", "bun", "deno"];

/** Ours and `nc.request`, in each runtime on both ends. */
export async function measureRuntimes(bench: Bench): Promise<PartResult> {
  const workloads: Workload[] = [];
  for (const runtime of runtimes) {
    const { title } = await findRuntime(runtime);
    await withRequestTeams(
      bench,
      runtimeContenders,
      { runtime },
      async (teams) => {
        workloads.push(
          await measureInFlight(
            bench,
            teams,
            128,
            `${title}: requests, 128 in flight`,
          ),
        );
      },
    );
  }
  return { workloads, notes: [] };
}
