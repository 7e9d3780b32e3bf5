import { findRuntime } from "../../tests/runtimes/find-runtimes.ts";
import type { Bench } from "../harness/bench.ts";
import {
  bareFetch,
  bareNode,
  type Contender,
  gateway,
} from "../harness/contenders.ts";
import { type HttpRate, HttpTeam } from "../harness/http-team.ts";
import { interleave } from "../harness/interleave.ts";
import {
  compare,
  type PartResult,
  type Workload,
} from "../harness/workload.ts";
import type { BenchRuntime } from "../harness/worker.ts";

const inFlight = 64;
const fronts: Readonly<Record<"node" | "bun", readonly Contender[]>> = {
  node: [gateway, bareNode, bareFetch],
  bun: [gateway, bareFetch],
};

/** The gateway in front of a service, beside handlers that only pass a request on. */
export async function measureGateway(bench: Bench): Promise<PartResult> {
  const workloads: Workload[] = [];
  for (const runtime of ["node", "bun"] as const) {
    workloads.push(await measureFronts(bench, runtime, fronts[runtime]));
  }
  return {
    workloads,
    notes: ["CPU µs is the front's alone: the process that is compared."],
  };
}

async function measureFronts(
  bench: Bench,
  runtime: BenchRuntime,
  contenders: readonly Contender[],
): Promise<Workload> {
  const { title } = await findRuntime(runtime);
  bench.say(`HTTP in ${title}`);
  const teams: HttpTeam[] = [];
  try {
    for (const contender of contenders) {
      teams.push(await HttpTeam.open(bench, contender, runtime, inFlight));
    }
    for (const team of teams) await team.measure(bench.warmUpMs);
    const rates = await interleave(
      teams,
      bench.rounds,
      (team) => team.measure(bench.durationMs),
    );
    const values = (
      team: HttpTeam,
      pick: (rate: HttpRate) => number,
    ): number[] => rates.get(team)!.map(pick);
    return compare(
      `${title}: HTTP requests through to a service, ${inFlight} in flight`,
      "requests/s",
      teams.map((team) => ({
        contender: team.contender,
        values: values(team, ({ perSecond }) => perSecond),
        cpuUs: values(team, ({ cpuUs }) => cpuUs),
      })),
    );
  } finally {
    await Promise.all(teams.map((team) => team[Symbol.asyncDispose]()));
  }
}
