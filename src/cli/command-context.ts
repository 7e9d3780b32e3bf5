import type { Command } from "commander";
import type { ExitCode } from "./exit-codes.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Terminal } from "./terminal.ts";

/** What a command works with. */
export interface CommandContext {
  /** The process around it. */
  readonly surroundings: Surroundings;
  /** Its outputs. */
  readonly terminal: Terminal;
}

/** Runs what a command does and keeps its exit code. */
export type RunCommand = (action: (context: CommandContext) => Promise<ExitCode>) => Promise<void>;

/** Adds one command. */
export type AddCommand = (program: Command, run: RunCommand) => void;
