import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { contractDocuments } from "../../describe/contract-documents.ts";
import { describeContract } from "../../describe/describe-contract.ts";
import type { Contract } from "../../contract/contract.ts";
import type { AddCommand, CommandContext } from "../command-context.ts";
import {
  addContractOptions,
  addJsonOption,
  addTimeoutOption,
  collect,
  type CommonOptions,
} from "../connection-options.ts";
import { loadContracts } from "../contract-file.ts";
import { summarize, summaryLines } from "../contract-summary.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { natsConfigText } from "../nats-config.ts";
import { jsonText } from "../terminal.ts";
import { checkedUsage, UsageError } from "../usage-error.ts";

const documentNames = ["openapi", "asyncapi", "natsConfig", "description"] as const;

interface DescribeOptions extends CommonOptions {
  readonly export?: string;
  readonly timeout?: number;
  readonly openapi?: boolean;
  readonly asyncapi?: boolean;
  readonly natsConfig?: boolean;
  readonly description?: boolean;
  readonly natsUser?: readonly string[];
  readonly url?: readonly string[];
  readonly namespace?: string;
  readonly output?: string;
}

/** `describe`: what a contract offers, as text or as a document. */
export const addDescribeCommand: AddCommand = (program, run) => {
  const command = program.command("describe")
    .summary("show a contract, or write OpenAPI, AsyncAPI or the broker's configuration")
    .description(
      "Shows what the contracts of a file offer; or writes a document of them, to standard output or to a file.",
    )
    .argument("<contract>", "file that exports contracts, .ts or .js")
    .option("--openapi", "OpenAPI 3.1 document of the gateway's routes")
    .option("--asyncapi", "AsyncAPI 3.0 document of the subjects on NATS")
    .option("--nats-config", "authorization block of a nats-server's configuration: users and their permissions")
    .option("--description", "contract as JSON, to compare later versions with: messaging diff")
    .option(
      "--nats-user <name=duty>",
      "a user of that block, name or public nkey: ann=clerk, svc=service, ann=public, bill=durable:billing; " +
        "may be given several times (default: one for each role, and one for the service)",
      collect,
    )
    .option("--url <url>", "gateway's URL in the OpenAPI document, brokers' in the AsyncAPI document", collect)
    .option("--namespace <tokens>", "deployment's tokens in front of every subject")
    .option("-o, --output <file>", "file to write to instead of standard output");
  addTimeoutOption(addJsonOption(addContractOptions(command)));
  command.addHelpText(
    "after",
    `
Examples:
  $ messaging describe orders.ts
  $ messaging describe orders.ts --openapi --url https://api.example.com -o openapi.json
  $ messaging describe orders.ts --nats-config --nats-user ann=clerk --nats-user svc=service`,
  );
  command.action(async (file: string, options: DescribeOptions) => {
    await run((context) => describe(file, options, context));
  });
};

async function describe(
  file: string,
  options: DescribeOptions,
  { surroundings: { folder }, terminal }: CommandContext,
): Promise<ExitCode> {
  const documents = documentNames.filter((name) => options[name] === true);
  if (documents.length > 1) throw new UsageError("Cannot write several documents at once: name one of them");
  if (options.natsUser !== undefined && documents[0] !== "natsConfig") {
    throw new UsageError("Cannot use --nats-user without --nats-config");
  }
  const contracts = await loadContracts(file, {
    folder,
    exportName: options.export,
    timeoutMs: options.timeout,
  });
  const text = documentText(documents[0], contracts, options) ?? summaryText(contracts, options, { terminal });
  if (options.output === undefined) await terminal.print(text);
  else {
    await write(resolve(folder, options.output), text, options.output);
    await terminal.note(`Wrote ${options.output}`);
  }
  return exitCodes.done;
}

function documentText(
  document: (typeof documentNames)[number] | undefined,
  contracts: readonly Contract[],
  { url, namespace, natsUser, json }: DescribeOptions,
): string | undefined {
  if (document === undefined) return undefined;
  if (document === "natsConfig") {
    const text = natsConfigText(contracts, natsUser, namespace).trimEnd();
    return json === true ? jsonText({ natsConfig: text }) : text;
  }
  if (document === "description") {
    if (contracts.length > 1) throw new UsageError("A description is of one contract", "Name it with --export");
    return jsonText(describeContract(contracts[0]!), json === true ? undefined : 2);
  }
  if (document === "openapi" && url !== undefined && url.length > 1) {
    throw new UsageError("An OpenAPI document has one --url");
  }
  const whole = namespace === undefined ? {} : { namespace };
  const text = checkedUsage(() =>
    document === "openapi"
      ? contractDocuments(contracts, { ...whole, ...(url === undefined ? {} : { url: url[0]! }) }).openApi()
      : contractDocuments(contracts, { ...whole, ...(url === undefined ? {} : { servers: url }) }).asyncApi()
  );
  return json === true ? text : jsonText(JSON.parse(text), 2);
}

function summaryText(
  contracts: readonly Contract[],
  { json, namespace }: DescribeOptions,
  { terminal }: Pick<CommandContext, "terminal">,
): string {
  const summaries = contracts.map((contract) => checkedUsage(() => summarize(contract, namespace)));
  if (json === true) return jsonText({ contracts: summaries });
  return summaries.map((summary) => summaryLines(terminal, summary).join("\n")).join("\n\n");
}

async function write(path: string, text: string, shown: string): Promise<void> {
  try {
    await writeFile(path, `${text}\n`);
  } catch (error) {
    throw new UsageError(`Cannot write ${shown}: ${String((error as { readonly code?: unknown }).code)}`);
  }
}
