// `npm run test:faults [-- F1 A2 … --small --runtimes --ours --others --table]`: the experiments of tests/faults/ in their large size,
// beside nats.js and NestJS, each in a process of its own; then the tables, which docs/reliability.md holds, too.
import { execFile } from "node:child_process";
import { access, readFile, writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { ContenderName } from "../tests/faults/contender.ts";
import type { Experiment } from "../tests/faults/experiment.ts";
import { experiments } from "../tests/faults/experiments.ts";
import { figuresFromJson, misses, showFigure, type Size } from "../tests/faults/figures.ts";
import { resultStart } from "../tests/faults/job-lines.ts";
import { type Cell, keepCell, readResults } from "../tests/faults/results.ts";
import { contendersTable, runtimesTable } from "../tests/faults/results-table.ts";
import type { JobPlace } from "../tests/faults/start-job.ts";
import { startProgram } from "../tests/support/program.ts";
import { findNatsServer } from "./nats-server.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const contendersFolder = "tests/faults/contenders";
const document = "docs/reliability.md";
const smallLimitMs = 120_000;
/** Installing, and the end of a process that a contender keeps alive. */
const spareMs = 30_000;

process.chdir(root);
const args = process.argv.slice(2);
const flags = new Set(args.filter((argument) => argument.startsWith("--")));
const ids = args.filter((argument) => !argument.startsWith("--"));
const unknown = ids.filter((id) => !experiments.some((experiment) => experiment.id === id));
if (unknown.length > 0) throw new Error(`There is no experiment ${unknown.join(", ")}`);
const size: Size = flags.has("--small") ? "small" : "large";
const chosen = experiments.filter(({ id }) => ids.length === 0 || ids.includes(id));

process.env["NATS_SERVER"] = (await findNatsServer()).path;
if (!flags.has("--table")) {
  const hasNest = !flags.has("--ours") && !flags.has("--runtimes") && await installNest();
  for (const experiment of chosen) {
    for (const [contender, place] of cellsOf(experiment, hasNest)) await runCell(experiment, contender, place);
  }
}
const results = await readResults();
console.log(`\n${contendersTable(experiments, results, size)}\n\n${runtimesTable(experiments, results)}`);
await writeDocument();
// Whatever a contender left open, the tables were printed.
process.exit();

function cellsOf(experiment: Experiment, hasNest: boolean): readonly (readonly [ContenderName, JobPlace])[] {
  if (flags.has("--runtimes")) {
    return (["here", ...experiment.runtimes] as const).map((place) => ["ours", place] as const);
  }
  const contenders = experiment.contenders.filter((name) =>
    name === "ours" ? !flags.has("--others") : !flags.has("--ours") && (name !== "nestjs" || hasNest)
  );
  return contenders.map((name) => [name, "here"] as const);
}

async function runCell(experiment: Experiment, contender: ContenderName, place: JobPlace): Promise<void> {
  const { id } = experiment;
  const ofRuntime = flags.has("--runtimes") ? "small" : size;
  const limitMs = (ofRuntime === "small" ? smallLimitMs : experiment.largeLimitMs) + spareMs;
  const program = startProgram(
    process.execPath,
    ["--expose-gc", "--import", "tsx", "tests/faults/run-one.ts", id, ofRuntime, contender, place],
  );
  const startedAt = performance.now();
  let cell: Cell;
  const load = Math.round(loadavg()[0]! * 10) / 10;
  const about = { id, size: ofRuntime, contender, place, takenOn: new Date().toISOString().slice(0, 10), load };
  try {
    const line = await program.outputLine(new RegExp(`^${resultStart}`), limitMs);
    const { figures = [], ...rest } = JSON.parse(line.slice(resultStart.length));
    cell = { ...about, seed: 0, tookMs: 0, ...rest, figures: figuresFromJson(figures) };
    // What is said is shown here, and is no figure.
    delete (cell as { notes?: unknown }).notes;
  } catch (error) {
    const tookMs = Math.round(performance.now() - startedAt);
    cell = { ...about, figures: [], seed: 0, tookMs, problem: String(error).split("\n")[0]! };
  } finally {
    await program[Symbol.asyncDispose]();
  }
  await keepCell(cell);
  const missed = cell.problem === undefined ? misses(cell.figures, ofRuntime) : [];
  const held = cell.problem === undefined && missed.length === 0;
  const sign = held ? "ok  " : contender === "ours" ? "MISS" : "    ";
  console.log(`${sign} ${id} ${contender} ${place} (${cell.tookMs} ms): ${cell.figures.map(showFigure).join("; ")}`);
  if (cell.problem !== undefined) console.log(`     ${cell.problem}`);
  if (contender === "ours" && !held) process.exitCode = 1;
}

async function installNest(): Promise<boolean> {
  if (!chosen.some(({ contenders }) => contenders.includes("nestjs"))) return false;
  const isThere = await access(`${contendersFolder}/node_modules/@nestjs/microservices`).then(() => true, () => false);
  if (isThere) return true;
  console.log(`Installing NestJS into ${contendersFolder} (npm ci)…`);
  try {
    await promisify(execFile)("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: contendersFolder });
    return true;
  } catch (error) {
    console.log(`NestJS IS NOT MEASURED: ${(error as Error).message}`);
    return false;
  }
}

async function writeDocument(): Promise<void> {
  const text = await readFile(document, "utf8").catch(() => undefined);
  if (text === undefined) return;
  const { machine } = results;
  const loads = results.cells.flatMap(({ size, load }) => size === "large" && load !== undefined ? [load] : []);
  const where = [
    `nats-server ${machine.natsServer}, Node.js ${machine.node}, ${machine.system}`,
    `${machine.cores} cores with a load average between ${Math.min(...loads)} and ${Math.max(...loads)}`,
  ].join(", ");
  const parts: Record<string, string> = {
    contenders: `${contendersTable(experiments, results, "large")}\n\nMeasured with ${where}.`,
    runtimes: runtimesTable(experiments, results),
  };
  let written = text;
  for (const [name, part] of Object.entries(parts)) {
    const marks = new RegExp(`(<!-- ${name}: begin[^>]*-->\n)[^]*(<!-- ${name}: end -->)`);
    written = written.replace(marks, (_, begin: string, end: string) => `${begin}${part}\n${end}`);
  }
  await writeFile(document, written);
}
