import { withClient } from "../caller.ts";
import type { AddCommand, CommandContext } from "../command-context.ts";
import { defaultTimeoutMs } from "../connection.ts";
import {
  addCallerOptions,
  addContractOptions,
  addJsonOption,
  type CallerOptions,
  collect,
  readPairs,
} from "../connection-options.ts";
import { loadContract } from "../contract-file.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { readJsonArgument } from "../json-argument.ts";
import { jsonText } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";

interface CallOptions extends CallerOptions {
  readonly export?: string;
  readonly header?: readonly string[];
  readonly idempotencyKey?: string;
}

interface CallArguments {
  readonly file: string;
  readonly name: string;
  readonly json: string | undefined;
}

/** `call`: sends a request, prints its answer. */
export const addCallCommand: AddCommand = (program, run) => {
  const command = program.command("call")
    .summary("send a request and print its answer")
    .description(
      "Sends a request of a contract and prints its answer as JSON. Input and answer are checked by the contract.",
    )
    .argument("<contract>", "file that exports the contract, .ts or .js")
    .argument("<request>", "name of the request")
    .argument("[json]", "its input as JSON, or - to read that from standard input")
    .option("--header <name=value>", "header to send with it; may be given several times", collect)
    .option("--idempotency-key <key>", "names the work, so that the same key is the same work");
  addCallerOptions(addJsonOption(addContractOptions(command)));
  command.addHelpText(
    "after",
    `
Examples:
  $ messaging call orders.ts createOrder '{"sku":"A1","quantity":2}'
  $ echo '{"id":"7"}' | messaging call orders.ts find - --server tls://nats.example.com --creds ann.creds
  $ messaging call orders.ts find '{"id":"7"}' --http https://api.example.com --bearer-env TOKEN`,
  );
  command.action(async (file: string, name: string, json: string | undefined, options: CallOptions) => {
    await run((context) => call({ file, name, json }, options, context));
  });
};

async function call(
  { file, name, json }: CallArguments,
  options: CallOptions,
  { surroundings, terminal }: CommandContext,
): Promise<ExitCode> {
  const { interrupted, folder } = surroundings;
  const waitMs = options.timeout ?? defaultTimeoutMs;
  const contract = await loadContract(file, { folder, exportName: options.export, timeoutMs: waitMs });
  if (!contract.requests.has(name)) {
    const names = [...contract.requests.keys()].join(", ");
    throw new UsageError(
      `Contract "${contract.name}" has no request "${name.slice(0, 128)}"`,
      names === "" ? "It has no requests" : `It has ${names}`,
    );
  }
  const headers = readPairs(options.header ?? [], "--header");
  const input = await readJsonArgument(json, surroundings, waitMs);
  const answer = await withClient(contract, options, { surroundings, terminal }, async (client): Promise<unknown> => {
    await terminal.progress(`Waiting for the answer of ${name}`);
    return await client.request(name as never, input as never, {
      signal: interrupted,
      ...(options.timeout === undefined ? {} : { timeoutMs: options.timeout }),
      ...(options.idempotencyKey === undefined ? {} : { idempotencyKey: options.idempotencyKey }),
      ...(options.header === undefined ? {} : { headers }),
    });
  });
  await terminal.print(jsonText(answer, terminal.json ? undefined : 2));
  return exitCodes.done;
}
