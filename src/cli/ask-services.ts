import { type Command, Option } from "commander";
import type { Contract } from "../contract/contract.ts";
import { withBroker } from "./broker.ts";
import type { CommandContext } from "./command-context.ts";
import { defaultTimeoutMs } from "./connection.ts";
import {
  addBrokerOptions,
  addContractOptions,
  addJsonOption,
  type BrokerOptions,
  readDuration,
} from "./connection-options.ts";
import { loadContract } from "./contract-file.ts";
import { type ContractServices, servicesOf } from "./contract-services.ts";
import { findServices } from "./discovery.ts";
import { durationText } from "./duration.ts";
import { checkedUsage } from "./usage-error.ts";

/** The options of the commands that ask services. */
export interface ServiceOptions extends BrokerOptions {
  /** The export of the contract file. */
  readonly export?: string;
  /** How long services have to answer, in milliseconds. */
  readonly wait?: number;
}

/** How long services have to answer where nobody says, in milliseconds. */
export const defaultWaitMs = 1_000;

/** Adds arguments and options of the commands that ask services. */
export function addServiceOptions(command: Command): Command {
  command.argument("[contract]", "file of a contract: shows the services of it alone, and what nobody serves")
    .addOption(
      new Option("--wait <duration>", "how long services have to answer (default: 1s)").argParser(
        readDuration("--wait"),
      ),
    );
  return addBrokerOptions(addJsonOption(addContractOptions(command)));
}

/** Asks the services, of a contract where a file is given; without one nothing is unserved. */
export async function askServices(
  verb: "INFO" | "STATS",
  file: string | undefined,
  options: ServiceOptions,
  context: CommandContext,
): Promise<ContractServices> {
  const { surroundings: { folder, interrupted }, terminal } = context;
  const { wait: waitMs = defaultWaitMs, timeout: timeoutMs = defaultTimeoutMs, namespace } = options;
  const contract: Contract | undefined = file === undefined
    ? undefined
    : await loadContract(file, { folder, exportName: options.export, timeoutMs });
  // Before anything is asked: a namespace that cannot be one.
  const choose = contract === undefined
    ? undefined
    : (found: Parameters<typeof servicesOf>[2]) => checkedUsage(() => servicesOf(contract, namespace, found));
  choose?.([]);
  const services = await withBroker(options, context, async (connection) => {
    await terminal.progress(`Asking services for ${durationText(waitMs)}`);
    return await findServices(connection, { verb, name: contract?.name, waitMs, signal: interrupted });
  });
  return choose?.(services) ?? { services, unserved: [] };
}

/** Says which requests nobody serves, to people. */
export async function tellUnserved({ unserved }: ContractServices, { terminal }: CommandContext): Promise<void> {
  if (unserved.length === 0) return;
  await terminal.note(`${terminal.paintError("warning", "warning:")} nobody serves ${unserved.join(", ")}`);
}
