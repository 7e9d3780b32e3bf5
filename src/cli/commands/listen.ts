import type { EventContext, EventGap, SubscribeOptions } from "../../client/client-options.ts";
import type { EventSubscription, MessagingClient } from "../../client/messaging-client.ts";
import type { Contract, EventOperation } from "../../contract/contract.ts";
import type { EventPosition, ReplaySubscribeOptions, StoredSubscription } from "../../durable/durable-options.ts";
import type { StoredEventContext } from "../../durable/stored-event-context.ts";
import { MessagingError } from "../../errors/messaging-error.ts";
import { withResolvers } from "../../transport/with-resolvers.ts";
import { withClient } from "../caller.ts";
import type { AddCommand, CommandContext } from "../command-context.ts";
import { defaultTimeoutMs } from "../connection.ts";
import {
  addCallerOptions,
  addContractOptions,
  addJsonOption,
  type CallerOptions,
  collect,
  readDuration,
  readPairs,
} from "../connection-options.ts";
import { loadContract } from "../contract-file.ts";
import { readEventPosition } from "../event-position.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { failureOf, printFailure } from "../failure.ts";
import { jsonText, plainText, type Terminal } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";

interface ListenOptions extends CallerOptions {
  readonly export?: string;
  readonly param?: readonly string[];
  readonly queueGroup?: string;
  readonly from?: EventPosition;
  readonly count?: number;
  readonly for?: number;
}

/** What one event's subscription is made with: live, or `from` somewhere in the stream. */
type ListenSubscription = Pick<SubscribeOptions<Contract, never>, "queueGroup" | "onGap" | "onError"> & {
  readonly params: Readonly<Record<string, string>>;
  readonly from?: EventPosition;
};

/** What is known of an event beside its data; more of one that is stored. */
type HeardContext = EventContext & Partial<Pick<StoredEventContext, "sequence" | "publishedAt">>;

/** `listen`: prints events as they come. */
export const addListenCommand: AddCommand = (program, run) => {
  const command = program.command("listen")
    .summary("print events as they come")
    .description("Prints events of a contract as they come, until Ctrl-C. With --json, each is one line of JSON.")
    .argument("<contract>", "file that exports the contract, .ts or .js")
    .argument("[event]", "name of the event (default: every event of the contract)")
    .option("--param <name=value>", "only events with this subject parameter; may be given several times", collect)
    .option("--queue-group <name>", "share the events with the others of this group")
    .option("--from <position>", "durable events from here on: all, new, a sequence, or a time", readEventPosition)
    .option("--count <number>", "end after so many events", readCount)
    .option("--for <duration>", "end after this time, such as 30s", readDuration("--for"));
  addCallerOptions(addJsonOption(addContractOptions(command)));
  command.addHelpText(
    "after",
    `
Examples:
  $ messaging listen orders.ts
  $ messaging listen orders.ts orderMoved --param region=eu
  $ messaging listen orders.ts orderMoved --from 2026-11-24T08:00:00Z
  $ messaging listen orders.ts orderMoved --json --count 1 | jq .data`,
  );
  command.action(async (file: string, event: string | undefined, options: ListenOptions) => {
    await run((context) => listen(file, event, options, context));
  });
};

async function listen(
  file: string,
  event: string | undefined,
  options: ListenOptions,
  { surroundings, terminal }: CommandContext,
): Promise<ExitCode> {
  const { folder } = surroundings;
  const timeoutMs = options.timeout ?? defaultTimeoutMs;
  const contract = await loadContract(file, { folder, exportName: options.export, timeoutMs });
  if (options.from !== undefined && options.queueGroup !== undefined) {
    throw new UsageError("Cannot use --queue-group with --from: who reads stored events reads them all");
  }
  const events = chooseEvents(contract, event, options.from !== undefined);
  const params = readPairs(options.param ?? [], "--param");
  for (const operation of events) checkParameters(operation, params);
  await withClient(contract, options, { surroundings, terminal }, async (client) => {
    await hearEvents(client, events, params, options, { surroundings, terminal });
  });
  return exitCodes.done;
}

/** Until Ctrl-C, or until there were enough. */
async function hearEvents(
  client: MessagingClient<Contract>,
  events: readonly EventOperation[],
  params: Readonly<Record<string, string>>,
  { queueGroup, from, count = Infinity, for: forMs, timeout = defaultTimeoutMs }: ListenOptions,
  { surroundings: { interrupted }, terminal }: CommandContext,
): Promise<void> {
  const ended = withResolvers<void>();
  ended.promise.catch(() => {});
  // Printing waits for whoever reads, and events wait for it: in order, and bounded by their subscription.
  let left = count;
  const hear = async (data: unknown, context: HeardContext): Promise<void> => {
    if (left <= 0) return;
    left -= 1;
    await printEvent(terminal, data, context);
    if (left <= 0) ended.resolve();
  };
  const subscriptions = events.map(({ name }) =>
    subscribe(client, name, {
      params,
      ...(queueGroup === undefined ? {} : { queueGroup }),
      ...(from === undefined ? {} : { from }),
      onGap: (gap) => printGap(terminal, name, gap),
      onError: (error) => printWarning(terminal, error),
    }, hear)
  );
  await within(Promise.all(subscriptions.map(({ ready }) => ready)), timeout);
  await terminal.note(`Listening to ${events.map(({ name }) => name).join(", ")}; Ctrl-C ends it`);
  const off = client.onStatus((status, error) => {
    const reason = error === undefined ? "" : `: ${plainText(error.message)}`;
    void terminal.note(terminal.paintError("quiet", `The connection is ${status}${reason}`));
    if (status === "closed") ended.reject(error ?? new MessagingError("DISCONNECTED", "The connection was closed"));
  });
  const timer = forMs === undefined ? undefined : setTimeout(ended.resolve, forMs);
  if (interrupted.aborted) ended.resolve();
  interrupted.addEventListener("abort", () => ended.resolve(), { once: true });
  await ended.promise;
  clearTimeout(timer);
  off();
}

function subscribe(
  client: MessagingClient<Contract>,
  name: string,
  options: ListenSubscription,
  hear: (data: unknown, context: HeardContext) => Promise<void>,
): EventSubscription | StoredSubscription {
  const handler = (data: unknown, context: HeardContext): Promise<void> => hear(data, context);
  if (options.from === undefined) {
    return client.subscribe(name as never, options as SubscribeOptions<Contract, never>, handler);
  }
  return client.subscribe(name as never, options as ReplaySubscribeOptions<Contract, never>, handler);
}

function chooseEvents(contract: Contract, event: string | undefined, stored: boolean): readonly EventOperation[] {
  const known = [...contract.events.values()];
  if (known.length === 0) throw new UsageError(`Contract "${contract.name}" has no events`);
  if (event !== undefined && !contract.events.has(event)) {
    throw new UsageError(
      `Contract "${contract.name}" has no event "${event.slice(0, 128)}"`,
      `It has ${listed(known)}`,
    );
  }
  const all = known.filter(({ durable }) => !stored || durable !== undefined);
  if (all.length === 0) throw new UsageError(`Cannot use --from: contract "${contract.name}" has no durable events`);
  if (event === undefined) return all;
  const chosen = all.filter(({ name }) => name === event);
  if (chosen.length > 0) return chosen;
  throw new UsageError(`Cannot use --from: event "${event}" is not durable`, `Durable is ${listed(all)}`);
}

function listed(events: readonly EventOperation[]): string {
  return events.map(({ name }) => name).join(", ");
}

function checkParameters({ name, template }: EventOperation, params: Readonly<Record<string, string>>): void {
  const unknown = Object.keys(params).find((param) => !template.parameters.includes(param));
  if (unknown === undefined) return;
  const known = template.parameters.join(", ");
  throw new UsageError(
    `Event "${name}" has no subject parameter "${unknown.slice(0, 64)}"`,
    known === "" ? "It has none" : `It has ${known}`,
  );
}

async function printEvent(terminal: Terminal, data: unknown, context: HeardContext): Promise<void> {
  const { event, subject, params, missed, sequence, publishedAt } = context;
  if (terminal.json) {
    const more = { ...(missed === 0 ? {} : { missed }), ...(sequence === undefined ? {} : { sequence, publishedAt }) };
    return await terminal.printJson({ event, subject, params, data, ...more });
  }
  const time = publishedAt === undefined
    ? new Date().toTimeString().slice(0, 8)
    : `${publishedAt.toISOString()} ${sequence}`;
  await terminal.print(
    `${terminal.paint("quiet", time)} ${terminal.paint("strong", event)} ${plainText(jsonText(data))}`,
  );
}

/** An event that could not be handled: the next one comes all the same. */
async function printWarning(terminal: Terminal, error: Error): Promise<void> {
  if (terminal.json) await printFailure(terminal, failureOf(error).failure);
  else await terminal.note(`${terminal.paintError("warning", "warning:")} ${plainText(error.message)}`);
}

async function printGap(terminal: Terminal, event: string, { reason, missed }: EventGap): Promise<void> {
  if (terminal.json) {
    return await terminal.printJson({ event, gap: { reason, ...(missed === undefined ? {} : { missed }) } });
  }
  const count = missed === undefined ? "events may be" : `${missed} events are`;
  await terminal.note(`${terminal.paintError("warning", "warning:")} ${count} missing here of ${event} (${reason})`);
}

/** Waits for the broker's word on the subscriptions, and not longer. */
async function within(ready: Promise<unknown>, timeoutMs: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new MessagingError("TIMEOUT", `The broker did not confirm within ${timeoutMs} ms`)),
      timeoutMs,
    );
  });
  try {
    await Promise.race([ready, late]);
  } finally {
    clearTimeout(timer);
  }
}

function readCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count > 0 && Number.isSafeInteger(count)) return count;
  throw new UsageError("Cannot use --count: a whole number over 0 is wanted");
}
