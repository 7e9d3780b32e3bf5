import type { Contract } from "../../contract/contract.ts";
import type { AddCommand, CommandContext } from "../command-context.ts";
import { type BrokerTarget, brokerTarget, brokerTransport } from "../connection.ts";
import {
  addBrokerOptions,
  addContractOptions,
  addJsonOption,
  type BrokerOptions,
  collect,
  readPairs,
} from "../connection-options.ts";
import { loadContract } from "../contract-file.ts";
import type { BrokerSession } from "../doctor/broker-session.ts";
import { type Check, type CheckStatus, ok } from "../doctor/check.ts";
import { checkInstallation } from "../doctor/check-installation.ts";
import { checkPermissions } from "../doctor/check-permissions.ts";
import { checkServer } from "../doctor/check-server.ts";
import { checkServices } from "../doctor/check-services.ts";
import { checkStreams } from "../doctor/check-streams.ts";
import { dutiesOf, type Duty } from "../doctor/needs.ts";
import { tryNeeds } from "../doctor/try-needs.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { failureOf } from "../failure.ts";
import { plainText, type Terminal, type Tone } from "../terminal.ts";
import { checkedUsage, UsageError } from "../usage-error.ts";

interface DoctorOptions extends BrokerOptions {
  readonly export?: string;
  readonly role?: readonly string[];
  readonly service?: boolean;
  readonly param?: readonly string[];
}

const tones: Readonly<Record<CheckStatus, Tone>> = { ok: "good", warning: "warning", problem: "bad", skipped: "quiet" };

/** `doctor`: looks for what is wrong, and says what to do. */
export const addDoctorCommand: AddCommand = (program, run) => {
  const command = program.command("doctor")
    .summary("look for what is wrong with connection, permissions and installation")
    .description(
      "Looks at what is installed and at each server; with a contract file, also at what the broker lets this user do, at " +
        "streams that would answer requests, and at who serves them. It does no harm: nothing is delivered to anybody.",
    )
    .argument("[contract]", "file that exports the contract, .ts or .js")
    .option("--role <name>", "what this role needs must be allowed; may be given several times", collect)
    .option("--service", "what a service of the contract needs must be allowed")
    .option("--param <name=value>", "subject parameter that the broker fixes for this user", collect);
  addBrokerOptions(addJsonOption(addContractOptions(command)));
  command.addHelpText(
    "after",
    `
Examples:
  $ messaging doctor --server tls://nats.example.com --creds ann.creds
  $ messaging doctor orders.ts --role clerk`,
  );
  command.action(async (file: string | undefined, options: DoctorOptions) => {
    await run((context) => examine(file, options, context));
  });
};

async function examine(file: string | undefined, options: DoctorOptions, context: CommandContext): Promise<ExitCode> {
  const { surroundings, terminal } = context;
  const { folder } = surroundings;
  const contract = file === undefined ? undefined : await loadContract(file, {
    folder,
    exportName: options.export,
    timeoutMs: options.timeout,
  });
  const duties = contract === undefined ? [] : dutiesFor(contract, options);
  const wanted = wantedDuties(contract, duties, options);
  const target = await brokerTarget(options, surroundings, terminal);
  // Refused before anything is dialled, with the same words as elsewhere.
  brokerTransport(target, options);

  const checks: Check[] = [];
  const tell = async (found: readonly Check[]): Promise<void> => {
    checks.push(...found);
    if (!terminal.json) { for (const check of found) await printCheck(terminal, check); }
  };
  await terminal.progress("Looking at what is installed");
  await tell(await checkInstallation(folder));
  if (contract !== undefined) await tell([ok("contract", `${file} exports ${contract.name} ${contract.version}`)]);
  const broker = await examineServers(target, options, context, tell);
  try {
    if (broker !== undefined && contract !== undefined) {
      await terminal.progress("Trying what the broker allows");
      const tried = await tryNeeds(broker, duties.flatMap(({ needs }) => needs), target.timeoutMs);
      await tell(checkPermissions(duties, wanted, tried));
      await examineNeighbours(contract, target, options, context, tell);
    }
  } finally {
    broker?.session.close();
  }
  surroundings.interrupted.throwIfAborted();
  const problems = checks.filter(({ status }) => status === "problem").length;
  if (terminal.json) await terminal.printJson({ ok: problems === 0, checks });
  else await terminal.print(`\n${summaryText(terminal, checks)}`);
  return problems === 0 ? exitCodes.done : exitCodes.failed;
}

/** Each server by itself; gives the first connection there is. */
async function examineServers(
  target: BrokerTarget,
  options: DoctorOptions,
  { surroundings: { interrupted }, terminal }: CommandContext,
  tell: (checks: readonly Check[]) => Promise<void>,
): Promise<BrokerSession | undefined> {
  let first: BrokerSession | undefined;
  for (const server of target.servers) {
    interrupted.throwIfAborted();
    await terminal.progress(`Connecting to ${server.url}`);
    const { checks, broker } = await checkServer(server, target, {
      signal: interrupted,
      dangerouslyAllowPlaintext: options.dangerouslyAllowPlaintext === true,
    });
    await tell(checks);
    if (first === undefined && broker?.session.isOpen) first = broker;
    else broker?.session.close();
  }
  return first;
}

/** Who else is at the broker: streams and services. */
async function examineNeighbours(
  contract: Contract,
  target: BrokerTarget,
  options: DoctorOptions,
  { surroundings: { interrupted }, terminal }: CommandContext,
  tell: (checks: readonly Check[]) => Promise<void>,
): Promise<void> {
  const { namespace } = options;
  const looking = { namespace, timeoutMs: target.timeoutMs, signal: interrupted };
  try {
    const connection = await brokerTransport(target, options).open({ signal: interrupted });
    try {
      await terminal.progress("Looking at streams");
      await tell(await checkStreams(contract, connection, looking));
      await terminal.progress("Asking who serves the contract");
      await tell(await checkServices(contract, connection, looking));
    } finally {
      await connection.close();
    }
  } catch (error) {
    const { failure } = failureOf(error);
    await tell([{
      name: "streams",
      status: "skipped",
      text: `Streams and services were not looked at: ${failure.message}`,
    }]);
  }
}

function dutiesFor(contract: Contract, { namespace, inboxPrefix, param = [] }: DoctorOptions): readonly Duty[] {
  const params = readPairs(param, "--param");
  return checkedUsage(() => dutiesOf(contract, { namespace, inboxPrefix, params }));
}

function wantedDuties(
  contract: Contract | undefined,
  duties: readonly Duty[],
  { role = [], service, param }: DoctorOptions,
): readonly string[] {
  const wanted = [...role, ...(service === true ? ["service"] : [])];
  if (contract === undefined && (wanted.length > 0 || param !== undefined)) {
    throw new UsageError("Cannot use --role, --service or --param without a contract file");
  }
  const unknown = wanted.find((name) => !duties.some((duty) => duty.name === name));
  if (unknown === undefined) return wanted;
  const known = [...contract!.roles.keys()].join(", ");
  throw new UsageError(
    `Contract "${contract!.name}" has no role "${unknown.slice(0, 128)}"`,
    known === "" ? "It has no roles" : `It has ${known}`,
  );
}

async function printCheck(terminal: Terminal, { name, status, text, hint }: Check): Promise<void> {
  const lines = [`${terminal.paint(tones[status], status.padEnd(7))}  ${name.padEnd(11)}  ${plainText(text)}`];
  if (hint !== undefined) lines.push(`${" ".repeat(22)}${terminal.paint("quiet", `→ ${plainText(hint)}`)}`);
  await terminal.print(lines.join("\n"));
}

function summaryText(terminal: Terminal, checks: readonly Check[]): string {
  const count = (status: CheckStatus): number => checks.filter((check) => check.status === status).length;
  const [problems, warnings] = [count("problem"), count("warning")];
  if (problems > 0) {
    return terminal.paint("bad", `${problems} ${problems === 1 ? "problem" : "problems"}, ${warnings} warnings`);
  }
  if (warnings > 0) {
    return terminal.paint("warning", `No problem, ${warnings} ${warnings === 1 ? "warning" : "warnings"}`);
  }
  return terminal.paint("good", "No problem");
}
