import { fileURLToPath } from "node:url";
import type { Brokers } from "./brokers.ts";
import { ChildProgram } from "./child-program.ts";
import type { FoundRuntime, RuntimeName } from "./find-runtimes.ts";
import { reportMark, type TransportReport } from "./runtime-report.ts";
import { runPage } from "./start-browser.ts";
import { startWorkerd } from "./start-workerd.ts";

/** What came of one runtime. */
export interface RuntimeRun {
  readonly reports: readonly TransportReport[];
  /** What it printed: the failures with their stacks. */
  readonly output: string;
}

/** How long a runtime may take for all of its suites, in milliseconds. */
const limitMs = 240_000;
const root = fileURLToPath(new URL("../../", import.meta.url));
const denoArguments = [
  "run",
  "--no-prompt",
  // What a program needs: the network for TCP, files for certificates. Node's own modules, which transport-node imports,
  // read the environment.
  "--allow-net=127.0.0.1,localhost",
  "--allow-read",
  "--allow-env",
  "--import-map=tests/runtimes/deno-import-map.json",
];

/** A runtime whose programs are processes. */
export type ProcessRuntime = Exclude<RuntimeName, "workerd" | "chromium">;

/** What its program is started with to run a file of this project; the working directory is the project's folder. */
export function processArguments(name: ProcessRuntime, file: string): readonly string[] {
  switch (name) {
    case "node":
    case "node24":
      return ["--import", "tsx", file];
    case "bun":
      return ["run", file];
    case "deno":
      return [...denoArguments, file];
  }
}

/** Runs all suites in a runtime; throws when it gives no reports. */
export async function runRuntime(name: RuntimeName, { path }: FoundRuntime, brokers: Brokers): Promise<RuntimeRun> {
  switch (name) {
    case "node":
    case "node24":
      return await runProcess(path, processArguments(name, "tests/runtimes/node.ts"), brokers);
    case "bun":
    case "deno":
      return await runProcess(path, processArguments(name, `tests/runtimes/${name}.ts`), brokers);
    case "workerd":
      return await runWorkerd(path, brokers);
    case "chromium": {
      const { reports, output } = await runPage(path, "browser.ts", { data: brokers, limitMs }) as RuntimeRun;
      return { reports, output };
    }
  }
}

async function runProcess(path: string, args: readonly string[], brokers: Brokers): Promise<RuntimeRun> {
  const program = new ChildProgram(path, args, { cwd: root, env: { BROKERS: JSON.stringify(brokers) } });
  const ending = await program.ended(limitMs);
  const line = program.output.split("\n").findLast((line) => line.startsWith(reportMark));
  if (line === undefined || ending !== "exit code 0") {
    throw new Error(`It ended with ${ending}${line === undefined ? " and no reports" : ""}:\n${program.output}`);
  }
  return { reports: JSON.parse(line.slice(reportMark.length)), output: program.output.replace(line, "") };
}

async function runWorkerd(path: string, brokers: Brokers): Promise<RuntimeRun> {
  await using workerd = await startWorkerd(path, "workerd.ts", { bindings: { BROKERS: brokers } });
  const response = await fetch(workerd.url, { signal: AbortSignal.timeout(limitMs) });
  if (!response.ok) throw new Error(`The worker answered ${response.status}:\n${workerd.output()}`);
  const reports = await response.json() as TransportReport[];
  return { reports, output: workerd.output().replaceAll(/^std\w+: /gm, "") };
}
