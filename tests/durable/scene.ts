import * as v from "valibot";
import { createContract, createMessagingClient, createMessagingServer } from "../../mod.ts";
import type {
  Clock,
  DeadLetter,
  InferEvent,
  Logger,
  MessagingClient,
  MessagingServer,
  Middleware,
  PayloadEncryption,
  Transport,
  TransportConnection,
} from "../../mod.ts";
import { until } from "../support/until.ts";

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
  readonly clock?: Clock;
  readonly encryption?: PayloadEncryption;
  readonly clientMiddleware?: readonly Middleware[];
  readonly serverMiddleware?: readonly Middleware[];
}

/** A server and a client of the contract, connected. */
export interface Scene extends AsyncDisposable {
  /** In front of every subject: no other scene is there. */
  readonly namespace: string;
  readonly stream: string;
  readonly server: MessagingServer<Orders>;
  readonly client: MessagingClient<Orders>;
  /** What the client logs. */
  readonly lines: LogLine[];
  /** Another client, which leaves at the end too. */
  readonly join: (encryption?: PayloadEncryption) => Promise<MessagingClient<Orders>>;
  /** A participant that knows no contract. */
  readonly connection: TransportConnection;
}

let scenes = 0;

/** Over a transport with streams. */
export async function openScene(connect: () => Transport, options: SceneOptions = {}): Promise<Scene> {
  const { clock, encryption, clientMiddleware = [], serverMiddleware = [] } = options;
  const namespace = `scene${scenes += 1}`;
  const shared = { contract: orders, namespace, ...clock && { clock } };
  const own = { ...shared, ...encryption && { encryption } };
  const { logger, lines } = recordingLogger();
  const transport = connect();
  const server = createMessagingServer({ ...own, transport, middleware: serverMiddleware });
  const clients: MessagingClient<Orders>[] = [];
  const add = async (client: MessagingClient<Orders>): Promise<MessagingClient<Orders>> => {
    clients.push(client);
    await client.connect();
    return client;
  };
  await server.start();
  const client = await add(createMessagingClient({ ...own, transport, logger, middleware: clientMiddleware }));
  const connection = await transport.open();
  return {
    namespace,
    stream: `${namespace.toUpperCase()}=ORDERS_V1`,
    server,
    client,
    lines,
    connection,
    join: (other = encryption) =>
      add(createMessagingClient({ ...shared, ...other && { encryption: other }, transport: connect() })),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(clients.map((each) => each.disconnect()));
      await server.stop();
      await connection.close();
    },
  };
}

type DurableName = "orderMoved" | "orderPaid";

/** The dead letters there are now. */
export async function lettersOf<Name extends DurableName>(
  client: MessagingClient<Orders>,
  name: Name,
  durable = "billing",
): Promise<DeadLetter<InferEvent<Orders, Name>>[]> {
  const letters: DeadLetter<InferEvent<Orders, Name>>[] = [];
  for await (const letter of client.deadLetters(name, { durable })) letters.push(letter);
  return letters;
}

/** The dead letters as soon as there are so many. */
export function untilLetters<Name extends DurableName>(
  client: MessagingClient<Orders>,
  name: Name,
  count: number,
): Promise<DeadLetter<InferEvent<Orders, Name>>[]> {
  return until(`${count} dead letters`, async () => {
    const letters = await lettersOf(client, name);
    return letters.length >= count && letters;
  });
}
