import {
  createMessagingClient,
  createMessagingServer,
  isMessagingError,
  type Logger,
  type MessagingClient,
  type MessagingServer,
  NatsTransport,
  type PayloadEncryption,
} from "../../mod.ts";
import { createPayloadEncryption } from "../../src/security/create-payload-encryption.ts";
import type {
  AskOptions,
  Caller,
  ConnectionChoice,
  Contender,
  HearOptions,
  Service,
  ServiceChoice,
  ToldError,
  Work,
} from "./contender.ts";
import { type FaultsContract, faultsContract } from "./faults-contract.ts";

const endings = { "not-executed": "failed", unknown: "unknown", executed: "executed" } as const;
/** More than any burst of an experiment, so that what is lost was lost on the way. */
const eventQueueLimit = 100_000;

/** This library. */
export const ours: Contender = {
  name: "ours",
  async openCaller(choice: ConnectionChoice): Promise<Caller> {
    const transport = makeTransport(choice);
    const shared = { contract: faultsContract, transport, ...encryptionOf(choice) };
    const client = createMessagingClient(shared);
    const teller = createMessagingServer(shared);
    await client.connect();
    await teller.start({ partial: true });
    return new OurCaller(client, teller);
  },
  async openService(choice: ServiceChoice, work: Work): Promise<Service> {
    const { onLog, queueLimit } = choice;
    const logger = onLog === undefined ? {} : { logger: loggerOf(onLog) };
    const server = createMessagingServer({
      contract: faultsContract,
      transport: makeTransport(choice, logger),
      ...encryptionOf(choice),
      ...logger,
      ...(queueLimit === undefined ? {} : { queueLimit }),
    });
    server.registerHandler("ask", async ({ text }, { signal }) => ({ text: await work(text, signal) }));
    server.registerHandler("order", async ({ text }, { signal }) => ({ text: await work(text, signal) }));
    await server.start();
    return { stop: (graceMs) => server.stop(graceMs === undefined ? {} : { graceMs }) };
  },
  told(error: unknown): ToldError {
    if (!isMessagingError(error)) return { code: String(error), ending: "unlabelled" };
    return { code: error.code, ending: endings[error.execution] };
  },
};

function makeTransport(choice: ConnectionChoice, logger: { readonly logger?: Logger } = {}): NatsTransport {
  const { servers, name, pingIntervalMs, user, password } = choice;
  return new NatsTransport({
    servers,
    ...logger,
    ...(name === undefined ? {} : { name }),
    ...(pingIntervalMs === undefined ? {} : { pingIntervalMs, maxPingsOut: 2 }),
    ...(user === undefined || password === undefined ? {} : { authentication: { user, password } }),
  });
}

function encryptionOf({ encryptionKey }: ConnectionChoice): { readonly encryption?: PayloadEncryption } {
  if (encryptionKey === undefined) return {};
  return { encryption: createPayloadEncryption({ keys: { only: encryptionKey }, current: "only", required: true }) };
}

function loggerOf(onLog: (text: string) => void): Logger {
  const log = (text: string, fields?: object): void => onLog(`${text} ${JSON.stringify(fields ?? {})}`);
  return { debug: log, info: log, warn: log, error: log };
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

  async ask(text: string, { idempotent, ...options }: AskOptions): Promise<string> {
    return (await this.#client.request(idempotent ? "ask" : "order", { text }, options)).text;
  }

  tell(number: number, padding?: string): Promise<void> {
    return this.#teller.broadcast("ticked", padding === undefined ? { number } : { number, padding });
  }

  async hear(onNumber: (number: number) => void, { onGap }: HearOptions = {}): Promise<() => Promise<void>> {
    const subscription = this.#client.subscribe(
      "ticked",
      { queueLimit: eventQueueLimit, onGap: () => onGap?.() },
      ({ number }) => onNumber(number),
    );
    await subscription.ready;
    return () => subscription.unsubscribe();
  }

  async close(): Promise<void> {
    await Promise.all([this.#client.disconnect(), this.#teller.stop()]);
  }
}
