// The service behind the gateway of the experiments: what it saw can be asked for.
import process from "node:process";
import { createMessagingServer, type MessagingServer, NatsTransport } from "../../../mod.ts";
import { raceAbort } from "../../../src/transport/race-abort.ts";
import { pauseMs } from "../../faults/pause-ms.ts";
import { shop } from "../../security/shop.ts";
import { authenticateBy } from "./authenticate.ts";
import { type Commands, obey } from "./obey.ts";
import { hasOrder, trial } from "./trial-contract.ts";

/** How the service is reached, and whose callers it serves. */
export interface ServiceChoice {
  readonly servers: string;
  readonly jwksUrl: string;
}

/** What it can be told. */
export type ServiceProgram = typeof commands;

const longWaitMs = 30_000;
const choice = JSON.parse(process.argv[2]!) as ServiceChoice;
const transport = new NatsTransport({ servers: choice.servers });
const authenticate = authenticateBy(choice.jwksUrl);
/** Requests that wait now, those that ever began to, and how they ended. */
const waits = { running: 0, begun: 0, aborted: 0, finished: 0 };

const server = createMessagingServer({
  contract: trial,
  transport,
  authenticate,
  concurrency: 4_096,
  queueLimit: 4_096,
});
server.registerHandler("say", (request) => request);
server.registerHandler("closeDay", (request) => request);
server.registerHandler("tell", (_, { actor, headers }) => ({
  actor: actor.id,
  headers: Object.fromEntries(headers),
}));
server.registerHandler("readOrder", ({ tenant, id }, { actor, error }) => {
  if (tenant !== actor.claims?.["tenant"] || !hasOrder(tenant, id)) throw error("NOT_FOUND");
  return { tenant, id };
});
server.registerHandler("findOrder", ({ id }, { actor, error }) => {
  const tenant = String(actor.claims?.["tenant"]);
  if (!hasOrder(tenant, id)) throw error("NOT_FOUND");
  return { tenant, id };
});
server.registerHandler("wait", async (request, { signal }) => {
  waits.running += 1;
  waits.begun += 1;
  try {
    await raceAbort(pauseMs(longWaitMs), signal);
    waits.finished += 1;
  } catch (error) {
    waits.aborted += 1;
    throw error;
  } finally {
    waits.running -= 1;
  }
  return request;
});
const shopServer = createShopServer();
await Promise.all([server.start(), shopServer.start()]);

const commands = {
  waits: () => waits,
  /** Tells an event so many times, so many at once; gives how long it took. */
  tick: (choice: TellChoice): Promise<number> =>
    tellTimes(choice, (count) => server.broadcast("ticked", { count, padding: choice.padding })),
  /** Tells it once, with this number. */
  tickOnce: (count: number): Promise<void> => server.broadcast("ticked", { count, padding: "" }),
  /** The same as `tick` for an event that goes to one batch of streams. */
  pour: ({ batch, ...choice }: TellChoice & { readonly batch: string }): Promise<number> =>
    tellTimes(choice, () => server.broadcast("poured", { batch, padding: choice.padding })),
  /** Tells an event of each of these tenants. */
  moveOrders: async (moves: readonly { readonly tenant: string; readonly id: string }[]): Promise<void> => {
    await Promise.all(moves.map((move) => server.broadcast("orderMoved", move)));
  },
  broadcastShop: async ({ name, data }: { readonly name: string; readonly data: unknown }): Promise<void> => {
    await shopServer.broadcast(name as "announced", data as { text: string });
  },
} satisfies Commands;

/** How often an event is told. */
interface TellChoice {
  readonly padding: string;
  readonly times: number;
  readonly atOnce: number;
}

async function tellTimes({ times, atOnce }: TellChoice, tell: (count: number) => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  for (let told = 0; told < times; told += atOnce) {
    const count = Math.min(atOnce, times - told);
    await Promise.all(Array.from({ length: count }, (_, index) => tell(told + index)));
  }
  return performance.now() - startedAt;
}

/** A shop whose handlers say what their caller may use. */
function createShopServer(): MessagingServer<typeof shop> {
  const shopServer = createMessagingServer({ contract: shop, transport, authenticate });
  for (const name of shop.requests.keys()) {
    shopServer.registerHandler(name as "ping", (_, { actor }) => {
      const all = [...shop.requests.keys(), ...shop.events.keys()];
      return { text: all.filter((operation) => actor.can(`shop.${operation}`)).join(" ") };
    });
  }
  return shopServer;
}

obey(commands);
