import * as v from "valibot";
import {
  createContract,
  createMessagingClient,
  createMessagingServer,
  MemoryBroker,
  MemoryTransport,
} from "../../mod.ts";
import type {
  DeadLetter,
  InferEvent,
  Logger,
  MessagingClient,
  MessagingServer,
  PayloadEncryption,
  Transport,
} from "../../mod.ts";
import type { FakeClock } from "../support/fake-clock.ts";

/** The contract that the tests of durable events look at. */
export const orders = createContract({
  name: "orders",
  version: "1.0.0",
  events: {
    orderMoved: {
      schema: v.object({ id: v.string(), region: v.string(), count: v.number() }),
      subject: "{region}.{id}",
      durable: true,
    },
    orderPaid: { schema: v.object({ id: v.string() }), durable: { maxMessages: 100_000 } },
    shopOpened: v.object({ at: v.number() }),
  },
});

export type Orders = typeof orders;

/** A line of a log. */
export interface LogLine {
  readonly level: keyof Logger;
  readonly text: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A logger that keeps its lines. */
export function recordingLogger(): { readonly logger: Logger; readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const write = (level: keyof Logger) => (text: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    lines.push({ level, text, fields });
  };
  return { lines, logger: { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") } };
}

export interface SceneOptions {
  readonly transport?: Transport;
  readonly clock?: FakeClock;
  readonly encryption?: PayloadEncryption;
  readonly namespace?: string;
}

/** A server and a client of the contract, connected. */
export interface Scene extends AsyncDisposable {
  readonly broker: MemoryBroker;
  readonly transport: Transport;
  readonly server: MessagingServer<Orders>;
  readonly client: MessagingClient<Orders>;
  readonly lines: LogLine[];
}

/** Over memory where no other transport is given. */
export async function openScene(options: SceneOptions = {}): Promise<Scene> {
  const { clock, encryption, namespace } = options;
  const timed = clock === undefined ? {} : { clock };
  const shared = { ...timed, ...encryption && { encryption }, ...namespace && { namespace } };
  const broker = new MemoryBroker(timed);
  const transport = options.transport ?? new MemoryTransport({ broker, ...timed });
  const { logger, lines } = recordingLogger();
  const server = createMessagingServer({ contract: orders, transport, ...shared });
  const client = createMessagingClient({ contract: orders, transport, logger, ...shared });
  await server.start();
  await client.connect();
  return {
    broker,
    transport,
    server,
    client,
    lines,
    [Symbol.asyncDispose]: async () => {
      await client.disconnect();
      await server.stop();
    },
  };
}

/** The dead letters there are now. */
export async function lettersOf<Name extends "orderMoved" | "orderPaid">(
  client: MessagingClient<Orders>,
  name: Name,
  durable = "billing",
): Promise<DeadLetter<InferEvent<Orders, Name>>[]> {
  const letters: DeadLetter<InferEvent<Orders, Name>>[] = [];
  for await (const letter of client.deadLetters(name, { durable })) letters.push(letter);
  return letters;
}
