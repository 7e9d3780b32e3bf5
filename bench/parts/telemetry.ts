import type { Bench } from "../harness/bench.ts";
import { telemetryContenders } from "../harness/contenders.ts";
import { withRequestTeams } from "../harness/request-team.ts";
import type { PartResult, Workload } from "../harness/workload.ts";
import { measureInFlight } from "./requests.ts";

const inFlights = [1, 128] as const;

/** What telemetry costs on the way of a request, on both ends: a span, a header and two metrics at each. */
export async function measureTelemetry(bench: Bench): Promise<PartResult> {
  return await withRequestTeams(bench, telemetryContenders, {}, async (teams) => {
    const workloads: Workload[] = [];
    for (const inFlight of inFlights) workloads.push(await measureInFlight(bench, teams, inFlight));
    return { workloads, notes: [] };
  });
}
