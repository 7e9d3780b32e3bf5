import type { Bench } from "../harness/bench.ts";
import { requestContenders } from "../harness/contenders.ts";
import { interleave } from "../harness/interleave.ts";
import { RequestTeam } from "../harness/request-team.ts";
import { compare, type PartResult } from "../harness/workload.ts";

const count = 10_000;

/** What a request costs in memory while nobody answers it. */
export async function measurePending(bench: Bench): Promise<PartResult> {
  bench.say(`Memory of ${count.toLocaleString("en")} requests that wait`);
  const bytes = await interleave(requestContenders, bench.rounds, async (contender) => {
    const options = { serve: "hold", nodeFlags: ["--expose-gc"] } as const;
    // A new one each time: what is pending cannot be taken back.
    await using team = await RequestTeam.open(bench, contender, options);
    const before = await team.client.ask<number>("heap");
    await team.client.ask("pending", { count });
    while ((await team.served())[0]! < count) await failWhenSettled(team);
    const after = await team.client.ask<number>("heap");
    await failWhenSettled(team);
    return (after - before) / count;
  });
  const workload = compare(
    `Memory of a pending request, of ${count.toLocaleString("en")}`,
    "bytes",
    requestContenders.map((contender) => ({ contender, values: bytes.get(contender)! })),
  );
  return { workloads: [workload], notes: [] };
}

async function failWhenSettled({ client, contender }: RequestTeam): Promise<void> {
  const settled = await client.ask<number>("settled");
  if (settled > 0) throw new Error(`${contender.title}: ${settled} requests were settled that should wait`);
}
