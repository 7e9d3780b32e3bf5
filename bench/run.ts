// `npm run bench [-- part …] [-- --quick] [-- --rounds=7] [-- --seconds=2]`: measures, prints tables, and writes
// results/latest.json and the plots beside it. Without a part it runs all of `parts`; the others run by name.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { findNatsServer } from "../scripts/nats-server.ts";
import { barChart } from "./harness/bar-chart.ts";
import { type Bench, fullPlan, type Plan, quickPlan } from "./harness/bench.ts";
import {
  measurePart,
  resultFile,
  type SavedPart,
  savePart,
} from "./harness/results.ts";
import { buildLibrary, installContenders } from "./harness/set-up.ts";
import { workloadTable } from "./harness/table.ts";
import type { PartResult } from "./harness/workload.ts";
import { measureConnect } from "./parts/connect.ts";
import { measureEvents } from "./parts/events.ts";
import { measureGateway } from "./parts/gateway.ts";
import { measureHeap } from "./parts/heap.ts";
import { measureInstances } from "./parts/instances.ts";
import { measureMemory } from "./parts/memory.ts";
import { measurePending } from "./parts/pending.ts";
import { measureProfile } from "./parts/profile.ts";
import { measureRequests } from "./parts/requests.ts";
import { measureRuntimes } from "./parts/runtimes.ts";
import { measureStoredEvents } from "./parts/stored-events.ts";

type Measure = (bench: Bench) => Promise<PartResult>;

const parts: Readonly<Record<string, Measure>> = {
  requests: measureRequests,
  events: measureEvents,
  "stored-events": measureStoredEvents,
  instances: measureInstances,
  pending: measurePending,
  heap: measureHeap,
  connect: measureConnect,
  memory: measureMemory,
  runtimes: measureRuntimes,
  gateway: measureGateway,
};
const byName: Readonly<Record<string, Measure>> = {
  ...parts,
  profile: measureProfile,
};
/** Programs of their own, which print what they find. */
const programs = ["import-and-connect", "protection-overhead", "workerd"];
/** The workloads of a part that its plot shows. */
const plots: Readonly<Record<string, RegExp>> = {
  requests: /p50|128|1,024/,
  events: /./,
};

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    rounds: { type: "string" },
    seconds: { type: "string" },
  },
});
const names = positionals.length === 0 ? Object.keys(parts) : positionals;
const unknown = names.filter((name) =>
  !(name in byName) && !programs.includes(name)
);
if (unknown.length > 0) {
  throw new Error(
    `There is no part ${unknown.join(", ")}: ${
      [...Object.keys(byName), ...programs].join(", ")
    }`,
  );
}

// The harness of the tests never installs one by itself.
const { version: natsServerVersion } = await findNatsServer();
const measured = names.filter((name) => name in byName);
if (measured.length > 0) await measureAll(measured);
for (const name of names.filter((name) => programs.includes(name))) {
  await runProgram(name);
}
process.exit();

async function measureAll(wanted: readonly string[]): Promise<void> {
  await installContenders();
  const { startNatsServer } = await import("../tests/support/nats-server.ts");
  await using server = await startNatsServer();
  const plan = planned();
  const bench: Bench = {
    ...plan,
    brokerUrl: server.url,
    library: await buildLibrary(),
    say: (text) => console.error(`… ${text}`),
  };
  const file = resultFile(flags.quick, "latest.json");
  for (const name of wanted) {
    const part = await measurePart(
      plan,
      natsServerVersion,
      () => byName[name]!(bench),
    );
    print(name, part);
    // A profile is of one moment: there is nothing in it to compare.
    if (!(name in parts)) continue;
    await savePart(file, name, part);
    await plot(name, part);
    console.log(`\nWritten: ${file}`);
  }
}

function planned(): Plan {
  const plan = flags.quick ? quickPlan : fullPlan;
  return {
    ...plan,
    ...(flags.rounds === undefined ? {} : { rounds: Number(flags.rounds) }),
    ...(flags.seconds === undefined
      ? {}
      : { durationMs: Number(flags.seconds) * 1_000 }),
  };
}

function print(
  name: string,
  { workloads, notes, rounds, durationMs, loadBefore }: SavedPart,
): void {
  const turns = workloads.length === 0
    ? ""
    : `, ${rounds} rounds of ${durationMs / 1_000} s`;
  console.log(`\n## ${name}${turns}, load before ${loadBefore.toFixed(2)}`);
  for (const workload of workloads) console.log(`\n${workloadTable(workload)}`);
  for (const note of notes) console.log(`\n${note}`);
}

async function plot(name: string, part: SavedPart): Promise<void> {
  const shown = part.workloads.filter(({ title }) => plots[name]?.test(title));
  if (shown.length === 0) return;
  const { processor, node, natsServer } = part.machine;
  const day = part.measuredAt.slice(0, 10);
  const note =
    `Medians of ${part.rounds} rounds, line: lowest to highest. ${processor}, Node.js ${node}, nats-server ${natsServer}, ${day}`;
  await writeFile(
    resultFile(flags.quick, `${name}.svg`),
    barChart(`Benchmark: ${name}`, note, shown),
  );
}

async function runProgram(name: string): Promise<void> {
  const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", file], {
    stdio: "inherit",
  });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`${name} ended with ${code}`);
}
