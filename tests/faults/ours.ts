import {
  createMessagingClient,
  createMessagingServer,
  isMessagingError,
  type MessagingClient,
  type MessagingServer,
  NatsTransport,
} from "../../mod.ts";
import type { Caller, ConnectionChoice, Contender, HearOptions, Service, ToldError, Work } from "./contender.ts";
import { type FaultsContract, faultsContract } from "./faults-contract.ts";

const endings = { "not-executed": "failed", unknown: "unknown", executed: "executed" } as const;
/** More than any burst of an experiment, so that what is lost was lost on the way. */
const eventQueueLimit = 100_000;

/** This library. */
export const ours: Contender = {
  name: "ours",
  async openCaller(choice: ConnectionChoice): Promise<Caller> {
    const transport = makeTransport(choice);
    const client = createMessagingClient({ contract: faultsContract, transport, retry: { attempts: 10 } });
    const teller = createMessagingServer({ contract: faultsContract, transport });
    await client.connect();
    await teller.start({ partial: true });
    return new OurCaller(client, teller);
  },
  async openService(choice: ConnectionChoice, work: Work): Promise<Service> {
    const server = createMessagingServer({
      contract: faultsContract,
      transport: makeTransport(choice),
      concurrency: 1_000,
    });
    server.registerHandler("ask", async ({ text }) => ({ text: await work(text) }));
    server.registerHandler("order", async ({ text }) => ({ text: await work(text) }));
    await server.start();
    return { stop: (graceMs) => server.stop(graceMs === undefined ? {} : { graceMs }) };
  },
  told(error: unknown): ToldError {
    if (!isMessagingError(error)) return { code: String(error), ending: "unlabelled" };
    return { code: error.code, ending: endings[error.execution] };
  },
};

function makeTransport({ servers, name, pingIntervalMs, user, password }: ConnectionChoice): NatsTransport {
  return new NatsTransport({
    servers,
    ...(name === undefined ? {} : { name }),
    ...(pingIntervalMs === undefined ? {} : { pingIntervalMs, maxPingsOut: 2 }),
    ...(user === undefined || password === undefined ? {} : { authentication: { user, password } }),
  });
}

class OurCaller implements Caller {
  readonly #client: MessagingClient<FaultsContract>;
  readonly #teller: MessagingServer<FaultsContract>;

  constructor(client: MessagingClient<FaultsContract>, teller: MessagingServer<FaultsContract>) {
    this.#client = client;
    this.#teller = teller;
  }

  get connected(): boolean {
    return this.#client.status === "connected";
  }

  async ask(text: string, { timeoutMs, idempotent, signal }: Parameters<Caller["ask"]>[1]): Promise<string> {
    const options = signal === undefined ? { timeoutMs } : { timeoutMs, signal };
    return (await this.#client.request(idempotent ? "ask" : "order", { text }, options)).text;
  }

  tell(number: number, padding?: string): Promise<void> {
    return this.#teller.broadcast("ticked", padding === undefined ? { number } : { number, padding });
  }

  async hear(onNumber: (number: number) => void, { onGap }: HearOptions = {}): Promise<() => Promise<void>> {
    const subscription = this.#client.subscribe(
      "ticked",
      { queueLimit: eventQueueLimit },
      ({ number }, { missed }) => {
        if (missed > 0) onGap?.(missed);
        onNumber(number);
      },
    );
    await subscription.ready;
    return () => subscription.unsubscribe();
  }

  async close(): Promise<void> {
    await Promise.all([this.#client.disconnect(), this.#teller.stop()]);
  }
}
