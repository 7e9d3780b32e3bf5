// `npm run test:gateway [-- G1 G3 …]`: the experiments on the gateway in their full size, one after the other, each in a
// process of its own, and one table of what came of them. All of them together write it into docs/gateway.md.
import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism, loadavg } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { figuresFromJson, misses, showFigure } from "../tests/faults/figures.ts";
import { resultStart } from "../tests/faults/job-lines.ts";
import { type ExperimentOutcome, figuresTable } from "../tests/gateway/plan/figures-table.ts";
import type { GatewayExperiment } from "../tests/gateway/plan/gateway-experiment.ts";
import { gatewayExperiments } from "../tests/gateway/plan/gateway-experiments.ts";
import { startProgram } from "../tests/support/program.ts";
import { findNatsServer } from "./nats-server.ts";

const page = "docs/gateway.md";
const tableStart = "<!-- figures: npm run test:gateway -->";
const tableEnd = "<!-- end of figures -->";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((id) => !gatewayExperiments.some((experiment) => experiment.id === id));
if (unknown.length > 0) throw new Error(`There is no experiment ${unknown.join(", ")}`);
const { path: natsServer, version } = await findNatsServer();

const outcomes: ExperimentOutcome[] = [];
for (const experiment of gatewayExperiments) {
  if (wanted.length > 0 && !wanted.includes(experiment.id)) continue;
  const outcome = await run(experiment);
  outcomes.push(outcome);
  const missed = misses(outcome.figures, "large");
  if (missed.length > 0 || outcome.problem !== undefined) process.exitCode = 1;
}
const table = figuresTable(outcomes, "large");
console.log(`\n${table}`);
if (wanted.length === 0) await writeTable(table);

async function run(experiment: GatewayExperiment): Promise<ExperimentOutcome> {
  const { id, promise, sizes, largeLimitMs } = experiment;
  console.log(`\n${id}: ${promise}\n    ${sizes.large}, load ${loadavg()[0]!.toFixed(1)}`);
  const startedAt = performance.now();
  const args = ["--import", "tsx", "tests/gateway/plan/run-one.ts", id, "large"];
  await using program = startProgram(process.execPath, args, { environment: { NATS_SERVER: natsServer } });
  try {
    const { standardOutput } = await program.ended(largeLimitMs);
    const line = standardOutput.split("\n").findLast((line) => line.startsWith(resultStart));
    if (line === undefined) throw new Error(`It gave no result:\n${standardOutput}`);
    const { figures = [], problem } = JSON.parse(line.slice(resultStart.length)) as ResultLine;
    const outcome = { experiment, figures: figuresFromJson(figures), ...(problem === undefined ? {} : { problem }) };
    const missed = misses(outcome.figures, "large");
    if (problem !== undefined || missed.length > 0) console.log(standardOutput.replace(line, ""));
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
    console.log(`    ${missed.length === 0 && problem === undefined ? "ok" : "MISSED"} in ${seconds} s`);
    for (const figure of missed) console.log(`    ${showFigure(figure)}`);
    return outcome;
  } catch (error) {
    console.log(`    FAILED: ${String(error)}`);
    return { experiment, figures: [], problem: (error as Error).message };
  }
}

interface ResultLine {
  readonly figures?: readonly object[];
  readonly problem?: string;
}

async function writeTable(table: string): Promise<void> {
  const text = await readFile(page, "utf8");
  const start = text.indexOf(tableStart);
  const end = text.indexOf(tableEnd);
  if (start === -1 || end === -1) throw new Error(`${page} has no place for the table: ${tableStart}`);
  const where = `Node.js ${process.versions.node}, nats-server ${version}, ${availableParallelism()} cores that ` +
    "callers, gateway, service and broker share.";
  const written = `${text.slice(0, start)}${tableStart}\n\n${where}\n\n${table}\n\n${text.slice(end)}`;
  await writeFile(page, written);
  console.log(`\nWritten into ${page}`);
}
