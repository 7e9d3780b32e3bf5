import assert from "node:assert/strict";
import type { Bench, Plan } from "../../bench/harness/bench.ts";
import {
  type Contender,
  eventContenders,
  requestContenders,
  watchedContender,
} from "../../bench/harness/contenders.ts";
import { RequestTeam } from "../../bench/harness/request-team.ts";
import { buildLibraryAside, installContenders } from "../../bench/harness/set-up.ts";
import type { PartResult } from "../../bench/harness/workload.ts";
import { measureEvents } from "../../bench/parts/events.ts";
import { measureHeap } from "../../bench/parts/heap.ts";
import { measureMemory } from "../../bench/parts/memory.ts";
import { measureRequests } from "../../bench/parts/requests.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { startNatsServer } from "../support/nats-server.ts";

const tinyPlan: Plan = { rounds: 1, durationMs: 20, warmUpMs: 20, scale: 0.001 };
const timeoutMs = 60_000;
// A file has a minute to load.
const whyNot = await installContenders(45_000).then(() => undefined, (error: Error) => error.message);

// The workers look at every answer and every event, and give an error for a wrong one.
describeWithNatsServer("The benchmark", {}, (test) => {
  if (whyNot !== undefined) return test.skip("has contenders that answer", `they cannot be installed: ${whyNot}`);

  test("has contenders that answer requests correctly", { timeoutMs }, async () => {
    await using bench = await openBench();
    checkAll(await measureRequests(bench), 5, requestContenders);
  });

  test("has contenders whose events all come, in order", { timeoutMs }, async () => {
    await using bench = await openBench();
    checkAll(await measureEvents(bench), 2, eventContenders);
  });

  test("answers in memory too, and sees the table of requests that wait", { timeoutMs }, async () => {
    await using bench = await openBench();
    const { workloads: [inMemory] } = await measureMemory(bench);
    assert.ok(inMemory!.rows[0]!.median > 0);
    const { notes } = await measureHeap(bench);
    assert.equal(notes[0], "Requests in the pending table afterwards: 0");
  });

  test("has servers that hold requests, and share them", { timeoutMs }, async () => {
    await using bench = await openBench();
    await using team = await RequestTeam.open(bench, watchedContender, { serve: "hold", servers: 2 });
    await team.client.ask("pending", { count: 10 });
    let served = await team.served();
    while (served[0]! + served[1]! < 10) served = await team.served();
    assert.equal(await team.client.ask<number>("waiting"), 10);
  });
});

function checkAll({ workloads }: PartResult, count: number, contenders: readonly Contender[]): void {
  assert.equal(workloads.length, count);
  for (const { title, rows } of workloads) {
    assert.deepEqual(rows.map(({ contender }) => contender), contenders.map((contender) => contender.title));
    for (const row of rows) assert.ok(row.median > 0, `${title}: ${row.contender}`);
  }
}

async function openBench(): Promise<Bench & AsyncDisposable> {
  const library = await buildLibraryAside();
  const server = await startNatsServer();
  return {
    ...tinyPlan,
    brokerUrl: server.url,
    library: library.entry,
    say: () => {},
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      await library[Symbol.asyncDispose]();
    },
  };
}
