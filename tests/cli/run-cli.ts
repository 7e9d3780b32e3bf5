import process from "node:process";
import { fileURLToPath } from "node:url";
import { runCommandLine } from "../../src/cli/command-line.ts";
import type { TextOutput } from "../../src/cli/surroundings.ts";
import { until } from "../support/until.ts";

/** How a command line ended, and what it printed. */
export interface CommandLineResult {
  readonly exitCode: number;
  readonly output: string;
  readonly errorOutput: string;
}

/** What is around a command line; the variables are all there are. */
export interface CommandLineOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder?: string;
  /** What standard input has; it never ends where there is none. */
  readonly input?: string;
  /** How many characters a line of the terminal has. @default no terminal */
  readonly columns?: number;
}

/** A command line that runs in this process. */
export interface RunningCommandLine {
  readonly ended: Promise<CommandLineResult>;
  /** What it has printed until now. */
  readonly output: string;
  readonly errorOutput: string;
  /** Waits until it has printed this. */
  printed(pattern: RegExp): Promise<void>;
  /** Ctrl-C. */
  interrupt(): void;
}

/** The folder of this file, where the contracts of its tests are. */
export const contractsFolder: string = fileURLToPath(new URL("contracts/", import.meta.url));

/** Starts a command line in this process; what it prints is kept. */
export function startCli(args: readonly string[], options: CommandLineOptions = {}): RunningCommandLine {
  const printed = { output: "", errorOutput: "" };
  const interruption = new AbortController();
  const to = (name: "output" | "errorOutput"): TextOutput => ({
    write: (text) => {
      printed[name] += text;
      return Promise.resolve();
    },
    isTerminal: options.columns !== undefined,
    columns: options.columns,
  });
  const ended = runCommandLine(args, {
    output: to("output"),
    errorOutput: to("errorOutput"),
    input: { isTerminal: false, read: (signal) => readInput(options.input, signal) },
    environment: options.environment ?? {},
    folder: options.folder ?? contractsFolder,
    interrupted: interruption.signal,
  }).then((exitCode) => ({ exitCode, ...printed }));
  return {
    ended,
    get output() {
      return printed.output;
    },
    get errorOutput() {
      return printed.errorOutput;
    },
    printed: async (pattern) => {
      await until(
        `${pattern} in\n${printed.output}${printed.errorOutput}`,
        () => pattern.test(printed.output + printed.errorOutput),
      );
    },
    interrupt: () => interruption.abort(new Error("Ctrl-C")),
  };
}

/** Runs a command line in this process to its end. */
export async function runCli(args: readonly string[], options?: CommandLineOptions): Promise<CommandLineResult> {
  return await startCli(args, options).ended;
}

/** What starts the command line from its source, in a process of its own. */
export const cliProgram: readonly [string, ...string[]] = [
  process.execPath,
  "--import",
  import.meta.resolve("tsx"),
  fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url)),
];

async function readInput(text: string | undefined, signal: AbortSignal): Promise<Uint8Array> {
  if (text !== undefined) return new TextEncoder().encode(text);
  return await new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
