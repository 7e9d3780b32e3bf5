import { Command, CommanderError } from "commander";
import type { RunCommand } from "./command-context.ts";
import { addCallCommand } from "./commands/call.ts";
import { addDescribeCommand } from "./commands/describe.ts";
import { addDiffCommand } from "./commands/diff.ts";
import { addDoctorCommand } from "./commands/doctor.ts";
import { addListenCommand } from "./commands/listen.ts";
import { addLsCommand } from "./commands/ls.ts";
import { addStatsCommand } from "./commands/stats.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { type Failure, failureOf, printFailure } from "./failure.ts";
import { ownPackage } from "./own-package.ts";
import type { Surroundings } from "./surroundings.ts";
import { Terminal } from "./terminal.ts";

const commands = [
  addCallCommand,
  addListenCommand,
  addLsCommand,
  addStatsCommand,
  addDoctorCommand,
  addDescribeCommand,
  addDiffCommand,
];

/** Runs one command line to its end; gives what the process is to exit with. Never rejects. */
export async function runCommandLine(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const terminal = new Terminal(surroundings, { json: args.includes("--json") });
  let exitCode: ExitCode = exitCodes.done;
  const written: Promise<void>[] = [];
  const run: RunCommand = async (action) => {
    exitCode = await action({ surroundings, terminal });
  };
  try {
    const { version } = await ownPackage();
    const program = createProgram(version, surroundings, written);
    for (const add of commands) add(program, run);
    for (const command of [program, ...program.commands]) configure(command, surroundings, written);
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    exitCode = await report(error, terminal, surroundings);
  }
  await Promise.all(written);
  await terminal.clearProgress();
  return exitCode;
}

function createProgram(version: string, surroundings: Surroundings, written: Promise<void>[]): Command {
  const program = new Command("messaging")
    .description("Calls, watches and examines services that speak @magicbutton/messaging over NATS.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help, or a command's")
    .helpCommand("help [command]", "print the help of a command");
  configure(program, surroundings, written);
  program.addHelpText(
    "after",
    `
Exit codes: 0 done, 1 an error answer, a problem or a breaking change, 2 called wrongly, 3 no connection, 130 interrupted.
Documentation: https://github.com/magicbutton/messaging/blob/main/docs/command-line.md`,
  );
  return program;
}

/** Commands take no more than they name, and what goes wrong comes back as an error. */
function configure(command: Command, { output, errorOutput }: Surroundings, written: Promise<void>[]): void {
  command.exitOverride().allowExcessArguments(false).configureHelp({ showGlobalOptions: false }).configureOutput({
    writeOut: (text) => void written.push(output.write(text)),
    writeErr: (text) => void written.push(errorOutput.write(text)),
    outputError: () => {},
    getOutHelpWidth: () => Math.min(output.columns ?? 100, 120),
    getErrHelpWidth: () => Math.min(errorOutput.columns ?? 100, 120),
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  });
}

async function report(error: unknown, terminal: Terminal, { interrupted }: Surroundings): Promise<ExitCode> {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitCodes.done;
    // It has printed the help, because there was no command.
    if (error.code !== "commander.help") await printFailure(terminal, parserFailure(error));
    return exitCodes.usage;
  }
  if (interrupted.aborted) return exitCodes.interrupted;
  const { failure, exitCode } = failureOf(error);
  await printFailure(terminal, failure);
  return exitCode;
}

/** What the parser says, without the value of an option that it does not know: a password that was meant for another name. */
function parserFailure({ code, message }: CommanderError): Failure {
  const [first, suggestion] = message.replace(/^error: /, "").split("\n");
  const flag = /^unknown option '(.*)'?$/s.exec(first!)?.[1];
  const shown = flag === undefined ? first! : `unknown option '${optionName(flag)}'`;
  const proposal = code === "commander.unknownOption" || code === "commander.unknownCommand"
    ? /\(Did you mean (.*)\?\)/.exec(suggestion ?? "")?.[1]
    : undefined;
  return {
    code: "USAGE",
    message: shown.replace(/^./, (letter) => letter.toUpperCase()),
    hint: proposal === undefined
      ? "messaging --help, or --help behind a command, shows what there is"
      : `Did you mean ${proposal}?`,
  };
}

function optionName(flag: string): string {
  return (flag.startsWith("--") ? flag.split("=")[0]! : flag.slice(0, 2)).replace(/'$/, "");
}
