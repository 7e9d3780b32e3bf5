import {
  createMessagingClient,
  createMessagingServer,
  MemoryTransport,
  type MessagingClient,
  type MessagingClientOptions,
  type MessagingServer,
  type MessagingServerOptions,
} from "../../mod.ts";
import { createTelemetry } from "../../src/otel/mod.ts";
import { orders } from "./shop.ts";

type Orders = typeof orders;

/** A server and a client of one contract, each with telemetry of its own. */
export interface TracedPair extends AsyncDisposable {
  readonly client: MessagingClient<Orders>;
  readonly server: MessagingServer<Orders>;
}

/** What a pair is made with. */
export interface PairOptions {
  readonly client?: Partial<MessagingClientOptions<Orders>>;
  readonly server?: Partial<MessagingServerOptions<Orders>>;
  /** Registers handlers. */
  readonly serve?: (server: MessagingServer<Orders>) => void;
}

/** Opens a pair over memory. */
export async function openPair({ client: forClient, server: forServer, serve }: PairOptions = {}): Promise<TracedPair> {
  const transport = new MemoryTransport();
  const middleware = [createTelemetry()];
  const server = createMessagingServer({ contract: orders, transport, middleware, ...forServer });
  serve?.(server);
  await server.start({ partial: true });
  const client = createMessagingClient({ contract: orders, transport, middleware: [createTelemetry()], ...forClient });
  await client.connect();
  const end = async (): Promise<void> => {
    await client.disconnect();
    await server.stop();
  };
  return { client, server, [Symbol.asyncDispose]: end };
}
