import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Contract } from "../../contract/contract.ts";
import { compareContracts } from "../../describe/compare-contracts.ts";
import type { ContractComparison } from "../../describe/contract-changes.ts";
import type { ContractDescription } from "../../describe/contract-description.ts";
import { readContractDescription } from "../../describe/read-contract-description.ts";
import type { AddCommand, CommandContext } from "../command-context.ts";
import { addContractOptions, addJsonOption, addTimeoutOption } from "../connection-options.ts";
import { type ContractFileOptions, loadContract } from "../contract-file.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { tableLines } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { checkedUsage, UsageError } from "../usage-error.ts";

interface DiffOptions {
  readonly export?: string;
  readonly timeout?: number;
  readonly allowMajor?: boolean;
}

/** `diff`: whether the next version of a contract breaks those who hold to the previous one. */
export const addDiffCommand: AddCommand = (program, run) => {
  const command = program.command("diff")
    .summary("compare two versions of a contract: breaking or not")
    .description(
      "Compares two versions of a contract, operation by operation, and ends with 1 where a change breaks clients or " +
        "subscribers of the previous one. Each is a contract file, or JSON of `messaging describe --description`.",
    )
    .argument("<previous>", "file of the version that clients have: .ts, .js or .json")
    .argument("<next>", "file of the version that servers are to have: .ts, .js or .json")
    .option("--allow-major", "end with 0 where a higher major version says that it breaks");
  addTimeoutOption(addJsonOption(addContractOptions(command)));
  command.addHelpText(
    "after",
    `
Examples:
  $ messaging describe orders.ts --description -o orders.json    # kept with each release
  $ messaging diff orders.json orders.ts`,
  );
  command.action(async (previous: string, next: string, options: DiffOptions) => {
    await run((context) => compare(previous, next, options, context));
  });
};

async function compare(
  previousFile: string,
  nextFile: string,
  { export: exportName, timeout: timeoutMs, allowMajor }: DiffOptions,
  { surroundings: { folder }, terminal }: CommandContext,
): Promise<ExitCode> {
  const loading = { folder, exportName, timeoutMs };
  const previous = await load(previousFile, loading);
  const next = await load(nextFile, loading);
  const comparison = checkedUsage(() => compareContracts(previous, next));
  if (terminal.json) await terminal.printJson(comparison);
  else await terminal.print(comparisonLines(terminal, previous, next, comparison).join("\n"));
  const isAllowed = comparison.compatible || (allowMajor === true && majorOf(next) > majorOf(previous));
  return isAllowed ? exitCodes.done : exitCodes.failed;
}

function comparisonLines(
  terminal: Terminal,
  previous: Contract | ContractDescription,
  next: Contract | ContractDescription,
  { changes }: ContractComparison,
): string[] {
  const title = terminal.paint("strong", `${previous.name} ${previous.version} → ${next.name} ${next.version}`);
  if (changes.length === 0) return [title, "", "Nothing has changed"];
  const breaking = changes.filter(({ severity }) => severity === "breaking").length;
  const rows = changes.map(({ severity, kind, operation, code, text }) => [severity, kind, operation, code, text]);
  const titles = ["SEVERITY", "KIND", "NAME", "CODE", "CHANGE"];
  const [head, ...lines] = tableLines(terminal, titles.map((name) => ({ title: name })), rows);
  const painted = lines.map((line, index) => {
    const { severity } = changes[index]!;
    return terminal.paint(severity === "breaking" ? "bad" : "good", severity) + line.slice(severity.length);
  });
  const summary = breaking === 0
    ? terminal.paint("good", "No change is breaking")
    : terminal.paint("bad", `${breaking} ${breaking === 1 ? "change is" : "changes are"} breaking`);
  return [title, "", head!, ...painted, "", summary];
}

async function load(path: string, options: ContractFileOptions): Promise<Contract | ContractDescription> {
  if (!path.endsWith(".json")) return await loadContract(path, options);
  let text: string;
  try {
    text = await readFile(resolve(options.folder, path), "utf8");
  } catch (error) {
    const code = (error as { readonly code?: unknown }).code;
    throw new UsageError(code === "ENOENT" ? `There is no file ${path}` : `Cannot read ${path}: ${String(code)}`);
  }
  const hint = "Make it with messaging describe <contract> --description";
  try {
    return readContractDescription(JSON.parse(text));
  } catch (error) {
    throw new UsageError(`${path} is no description of a contract: ${reasonOf(error)}`, hint);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof SyntaxError ? "it is no JSON" : (error as Error).message;
}

function majorOf({ version }: { readonly version: string }): number {
  return Number.parseInt(version);
}
