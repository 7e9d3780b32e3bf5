import type { Bench } from "../harness/bench.ts";
import { type Contender, requestContenders } from "../harness/contenders.ts";
import { interleave } from "../harness/interleave.ts";
import { median } from "../harness/statistics.ts";
import { Worker } from "../harness/worker.ts";
import { compare, type PartResult } from "../harness/workload.ts";

// Those that differ in nothing but their requests connect alike.
const names = ["ours", "nats-request", "nestjs", "moleculer"];
const connectsPerTurn = 10;

interface Connector {
  readonly contender: Contender;
  readonly server: Worker;
  readonly client: Worker;
}

/** How long a client takes to connect, in a process that has connected before. */
export async function measureConnect(bench: Bench): Promise<PartResult> {
  bench.say("Connecting");
  const members: Connector[] = [];
  try {
    for (
      const contender of requestContenders.filter(({ name }) =>
        names.includes(name)
      )
    ) {
      const server = await Worker.start({ ...bench, contender });
      await server.ask("serve");
      members.push({
        contender,
        server,
        client: await Worker.start({ ...bench, contender }),
      });
    }
    const connect = ({ client }: Connector): Promise<number[]> =>
      client.ask<number[]>("connects", { count: connectsPerTurn });
    for (const member of members) await connect(member);
    const times = await interleave(
      members,
      bench.rounds,
      async (member) => median(await connect(member)),
    );
    const measured = members.map((member) => ({
      contender: member.contender,
      values: times.get(member)!,
    }));
    return {
      workloads: [compare("Connecting, in a warm process", "ms", measured)],
      notes: [
        "`npm run bench -- import-and-connect` has the times of fresh processes, imports included",
      ],
    };
  } finally {
    for (const { client, server } of members) {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    }
  }
}
