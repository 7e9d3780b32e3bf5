import type { Bench } from "../harness/bench.ts";
import { requestContenders } from "../harness/contenders.ts";
import { interleave } from "../harness/interleave.ts";
import {
  type RequestRate,
  type RequestTeam,
  withRequestTeams,
} from "../harness/request-team.ts";
import {
  compare,
  type PartResult,
  type Workload,
} from "../harness/workload.ts";

const inFlights = [16, 128, 1_024] as const;

/** Round trips one after the other, and with more and more in flight. */
export async function measureRequests(bench: Bench): Promise<PartResult> {
  return await withRequestTeams(bench, requestContenders, {}, async (teams) => {
    const workloads = await measureRoundTrips(bench, teams);
    for (const inFlight of inFlights) {
      workloads.push(await measureInFlight(bench, teams, inFlight));
    }
    return { workloads, notes: [] };
  });
}

/** How many requests a second each team answers. */
export async function measureInFlight(
  bench: Bench,
  teams: readonly RequestTeam[],
  inFlight: number,
  title = `Requests, ${inFlight.toLocaleString("en")} in flight`,
): Promise<Workload> {
  bench.say(title);
  const rates = await measureEach(
    bench,
    teams,
    (team, durationMs) => team.measure({ inFlight }, durationMs),
  );
  return compare(
    title,
    "requests/s",
    teams.map((team) => ({
      contender: team.contender,
      values: rates.get(team)!.map(({ perSecond }) => perSecond),
      cpuUs: rates.get(team)!.map(({ cpuUs }) => cpuUs),
    })),
  );
}

async function measureRoundTrips(
  bench: Bench,
  teams: readonly RequestTeam[],
): Promise<Workload[]> {
  bench.say("Round trips, one after the other");
  const load = { inFlight: 1, latencies: true };
  const rates = await measureEach(
    bench,
    teams,
    (team, durationMs) => team.measure(load, durationMs),
  );
  const workload = (
    title: string,
    pick: (rate: RequestRate) => number,
  ): Workload =>
    compare(
      title,
      "ms",
      teams.map((team) => ({
        contender: team.contender,
        values: rates.get(team)!.map(pick),
      })),
    );
  return [
    workload("Round trips, one after the other: p50", ({ p50Ms }) => p50Ms),
    workload("Round trips, one after the other: p99", ({ p99Ms }) => p99Ms),
  ];
}

async function measureEach(
  bench: Bench,
  teams: readonly RequestTeam[],
  measure: (team: RequestTeam, durationMs: number) => Promise<RequestRate>,
): Promise<Map<RequestTeam, RequestRate[]>> {
  for (const team of teams) await measure(team, bench.warmUpMs);
  return await interleave(
    teams,
    bench.rounds,
    (team) => measure(team, bench.durationMs),
  );
}
