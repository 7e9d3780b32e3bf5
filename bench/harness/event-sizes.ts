import type { Bench } from "./bench.ts";
import type { Contender } from "./contenders.ts";
import { EventTeam } from "./event-team.ts";
import { interleave } from "./interleave.ts";
import { compare, type PartResult, type Workload } from "./workload.ts";

const sizes = [[100, "100 B"], [4_096, "4 KiB"]] as const;

/** How many events a second go from a publisher to a handler, small ones and larger ones. */
export async function measureEventSizes(
  bench: Bench,
  contenders: readonly Contender[],
  titleOf: (size: string) => string,
): Promise<PartResult> {
  const teams: EventTeam[] = [];
  try {
    for (const contender of contenders) {
      teams.push(await EventTeam.open(bench, contender));
    }
    const workloads: Workload[] = [];
    for (const [bytes, size] of sizes) {
      const title = titleOf(size);
      bench.say(title);
      for (const team of teams) await team.measure(bytes, bench.warmUpMs);
      const rates = await interleave(
        teams,
        bench.rounds,
        (team) => team.measure(bytes, bench.durationMs),
      );
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
