import type { Bench } from "../harness/bench.ts";
import { eventContenders } from "../harness/contenders.ts";
import { EventTeam } from "../harness/event-team.ts";
import { interleave } from "../harness/interleave.ts";
import { compare, type PartResult, type Workload } from "../harness/workload.ts";

const sizes = [[100, "100 B"], [4_096, "4 KiB"]] as const;

/** Events from one process to the handler in another, small ones and larger ones. */
export async function measureEvents(bench: Bench): Promise<PartResult> {
  const teams: EventTeam[] = [];
  try {
    for (const contender of eventContenders) teams.push(await EventTeam.open(bench, contender));
    const workloads: Workload[] = [];
    for (const [bytes, size] of sizes) {
      const title = `Events of ${size}, publisher to handler`;
      bench.say(title);
      for (const team of teams) await team.measure(bytes, bench.warmUpMs);
      const rates = await interleave(teams, bench.rounds, (team) => team.measure(bytes, bench.durationMs));
      const measured = teams.map((team) => ({
        contender: team.contender,
        values: rates.get(team)!.map(({ perSecond }) => perSecond),
        cpuUs: rates.get(team)!.map(({ cpuUs }) => cpuUs),
      }));
      workloads.push(compare(title, "events/s", measured));
    }
    return { workloads, notes: [] };
  } finally {
    for (const team of teams) await team[Symbol.asyncDispose]();
  }
}
