import { fileURLToPath } from "node:url";
import { findRuntime, type RuntimeName } from "../runtimes/find-runtimes.ts";
import { processArguments, type ProcessRuntime } from "../runtimes/run-runtime.ts";
import { startWorkerd } from "../runtimes/start-workerd.ts";
import { type Program, startProgram } from "../support/program.ts";
import { withResolvers } from "../../src/transport/with-resolvers.ts";
import { contenderByName } from "./contender-by-name.ts";
import type { ContenderName } from "./contender.ts";
import { goLine, markStart, resultStart } from "./job-lines.ts";
import { type ChoiceOf, jobByName, type JobName, type ResultOf } from "./jobs/job-list.ts";
import type { ProcessNotes } from "./process-watch.ts";

/** Where a job runs: in this process, or in a program of a runtime. */
export type JobPlace = "here" | Exclude<RuntimeName, "chromium">;

/** A job at work. */
export interface RunningJob<Result> extends AsyncDisposable {
  /** Its process; `undefined` where it has none of its own. */
  readonly pid: number | undefined;
  /** Resolves when it has told that it is so far. */
  readonly marked: (name: string, limitMs?: number) => Promise<void>;
  /** Lets it go on. */
  readonly go: () => void;
  /** What it gives; rejects when it fails or takes longer. */
  readonly result: (limitMs: number) => Promise<Result>;
  /** Resolves with the exit code when its process has ended by itself; rejects when it does not. */
  readonly ended: (limitMs: number) => Promise<number | null>;
}

/** How a job is started. */
export interface StartJobOptions {
  readonly place: JobPlace;
  readonly contender: ContenderName;
  /** Hears what its process saw of strays, once it has given its result. */
  readonly onNotes: (notes: ProcessNotes) => void;
  /** Whether the program may collect its garbage when it likes. @default false */
  readonly collectsGarbage?: boolean;
}

interface JobOutcome extends ProcessNotes {
  readonly value?: unknown;
  readonly problem?: string;
}

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Starts a job. */
export async function startJob<Name extends JobName>(
  name: Name,
  choice: ChoiceOf<Name>,
  options: StartJobOptions,
): Promise<RunningJob<ResultOf<Name>>> {
  if (options.place === "here") return await startHere(name, choice, options);
  if (options.place === "workerd") return await startInWorkerd(name, choice, options);
  return await startProcess(name, choice, options.place, options);
}

async function startHere<Name extends JobName>(
  name: Name,
  choice: ChoiceOf<Name>,
  options: StartJobOptions,
): Promise<RunningJob<ResultOf<Name>>> {
  const contender = await contenderByName(options.contender);
  const marks = new Map<string, ReturnType<typeof withResolvers<void>>>();
  const markOf = (mark: string) => {
    if (!marks.has(mark)) marks.set(mark, withResolvers<void>());
    return marks.get(mark)!;
  };
  const gone = withResolvers<void>();
  const result = jobByName(name)(choice, {
    contender,
    mark: (mark) => markOf(mark).resolve(),
    go: () => gone.promise,
  }) as Promise<ResultOf<Name>>;
  result.catch(() => {});
  return {
    pid: undefined,
    marked: (mark, limitMs = 30_000) =>
      Promise.race([markOf(mark).promise, within(result.then(() => {}), limitMs, `the mark ${mark}`)]),
    go: () => gone.resolve(),
    result: (limitMs) => within(result, limitMs, `the job ${name}`),
    ended: () => Promise.reject(new Error("This job has no process of its own")),
    [Symbol.asyncDispose]: () => Promise.resolve(gone.resolve()),
  };
}

async function startProcess<Name extends JobName>(
  name: Name,
  choice: ChoiceOf<Name>,
  runtime: ProcessRuntime,
  options: StartJobOptions,
): Promise<RunningJob<ResultOf<Name>>> {
  const { contender, onNotes, collectsGarbage = false } = options;
  const { path } = await findRuntime(runtime);
  const args = [...processArguments(runtime, "tests/faults/run-job.ts"), name, contender];
  if (collectsGarbage && runtime === "deno") args.splice(1, 0, "--v8-flags=--expose-gc");
  else if (collectsGarbage && runtime !== "bun") args.unshift("--expose-gc");
  const program = startProgram(path, [...args, JSON.stringify(choice)], { folder: root, input: true });
  return {
    pid: program.pid,
    marked: async (mark, limitMs) => void await program.outputLine(new RegExp(`^${markStart}${mark}$`), limitMs),
    go: () => program.write(`${goLine}\n`),
    result: async (limitMs) => {
      const outcome = await outcomeOf(program, limitMs);
      onNotes(outcome);
      if (outcome.problem !== undefined) throw new Error(`The job ${name} failed: ${outcome.problem}`);
      return outcome.value as ResultOf<Name>;
    },
    ended: async (limitMs) => {
      const { exitCode, standardOutput } = await program.ended(limitMs);
      const said = standardOutput.split("\n").filter((line) => line !== "" && !line.startsWith("@@"));
      onNotes({ said, unhandledRejections: [], uncaughtExceptions: [] });
      return exitCode;
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

async function outcomeOf(program: Program, limitMs: number): Promise<JobOutcome> {
  const line = await program.outputLine(new RegExp(`^${resultStart}`), limitMs);
  return JSON.parse(line.slice(resultStart.length)) as JobOutcome;
}

async function startInWorkerd<Name extends JobName>(
  name: Name,
  choice: ChoiceOf<Name>,
  { contender, onNotes }: StartJobOptions,
): Promise<RunningJob<ResultOf<Name>>> {
  const { path } = await findRuntime("workerd");
  const bindings = { JOB: { name, contender, choice } };
  const workerd = await startWorkerd(path, "../faults/job-worker.ts", { bindings });
  const answer = (async (): Promise<JobOutcome> => {
    const response = await fetch(workerd.url);
    if (!response.ok) throw new Error(`The worker answered ${response.status}:\n${workerd.output()}`);
    return await response.json() as JobOutcome;
  })();
  answer.catch(() => {});
  return {
    pid: undefined,
    // The worker has nobody to tell it to: who needs to know looks at the broker.
    marked: () => Promise.resolve(),
    go: () => {},
    result: async (limitMs) => {
      const { value, problem } = await within(answer, limitMs, `the job ${name}`);
      const said = workerd.output() === "" ? [] : [workerd.output()];
      onNotes({ said, unhandledRejections: [], uncaughtExceptions: [] });
      if (problem !== undefined) throw new Error(`The job ${name} failed: ${problem}`);
      return value as ResultOf<Name>;
    },
    ended: () => Promise.reject(new Error("A worker does not end")),
    [Symbol.asyncDispose]: () => workerd[Symbol.asyncDispose](),
  };
}

async function within<Value>(promise: Promise<Value>, limitMs: number, what: string): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Waited ${limitMs} ms in vain: ${what}`)), limitMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
