// The worker of the edge tests: a connection for each request, one in a Durable Object, and one that is wrongly kept in
// a module variable.
import {
  createMessagingClient,
  createMessagingServer,
  isMessagingError,
  type MessagingClient,
  type MessagingServer,
  NatsTransport,
} from "../../mod.ts";
import { edgeContract, edgeStream } from "./edge-contract.ts";

interface Environment {
  readonly SERVERS: string;
  readonly DESK: { getByName(name: string): { fetch(request: Request): Promise<Response> } };
}

type Client = MessagingClient<typeof edgeContract>;

// At module top level workerd refuses timers, sockets and random numbers: making these needs none of them.
const neverConnected = createMessagingClient({ contract: edgeContract, transport: new NatsTransport() });
createMessagingServer({ contract: edgeContract, transport: new NatsTransport() });

/** Wrong in a worker, as the tests show: the request that connects it is the only one that can use it. */
let cachedClient: Client | undefined;
let cachedServer: MessagingServer<typeof edgeContract> | undefined;

export default {
  async fetch(request: Request, environment: Environment): Promise<Response> {
    const { pathname } = new URL(request.url);
    try {
      if (pathname === "/empty") return Response.json({});
      if (pathname === "/top-level") return Response.json({ status: neverConnected.status });
      if (pathname === "/once") return Response.json(await greetOnce(environment));
      if (pathname.startsWith("/object/")) return await environment.DESK.getByName("one").fetch(request);
      return Response.json(await useCached(pathname, environment));
    } catch (error) {
      if (!isMessagingError(error)) return Response.json({ thrown: String(error) });
      const { code, message, execution, retryable } = error;
      return Response.json({ error: { code, message, execution, retryable } });
    }
  },
};

/** One connection for one request: what a worker does. */
async function greetOnce({ SERVERS }: Environment): Promise<unknown> {
  await using client = createMessagingClient({
    contract: edgeContract,
    transport: new NatsTransport({ servers: SERVERS }),
  });
  await client.connect();
  return { answer: await client.request("greet", "once") };
}

async function useCached(pathname: string, { SERVERS }: Environment): Promise<unknown> {
  const transport = new NatsTransport({ servers: SERVERS });
  cachedClient ??= createMessagingClient({ contract: edgeContract, transport });
  cachedServer ??= createMessagingServer({ contract: edgeContract, transport, namespace: "cached" });
  switch (pathname) {
    case "/cached/connect":
      await cachedClient.connect();
      return { answer: await cachedClient.request("greet", "first") };
    case "/cached/request":
      // As every request of such a worker would: `connect()` has nothing to do where the client is connected.
      await cachedClient.connect();
      return { answer: await cachedClient.request("greet", "second") };
    case "/cached/subscribe":
      await cachedClient.subscribe("noticed", () => {}).ready;
      return {};
    case "/cached/wait":
      await cachedClient.connect();
      return { answers: [await cachedClient.request("wait"), await cachedClient.request("greet", "after")] };
    case "/cached/disconnect":
      await cachedClient.disconnect();
      return { status: cachedClient.status };
    case "/cached/start":
      await cachedServer.start({ partial: true });
      return {};
    case "/cached/broadcast":
      await cachedServer.broadcast("noticed", "something");
      return {};
    default:
      return { thrown: `There is no ${pathname}` };
  }
}

/** Holds one connection for as long as it lives: all of its requests share one context. */
export class DeskObject {
  readonly #client: Client;
  readonly #server: MessagingServer<typeof edgeContract>;
  readonly #transport: NatsTransport;
  #answered = 0;
  #consuming: Promise<void> | undefined;
  readonly #consumed: string[] = [];

  constructor(_state: unknown, { SERVERS }: Environment) {
    const transport = this.#transport = new NatsTransport({ servers: SERVERS });
    this.#client = createMessagingClient({ contract: edgeContract, transport });
    this.#server = createMessagingServer({ contract: edgeContract, transport, namespace: "object" });
    this.#server.registerHandler("greet", (name) => `Hello ${name} from the object, answer ${++this.#answered}`);
  }

  async fetch({ url }: Request): Promise<Response> {
    if (url.endsWith("/empty")) return Response.json({});
    if (url.endsWith("/consume")) {
      await (this.#consuming ??= this.#consume());
      return Response.json({ answers: this.#consumed });
    }
    await Promise.all([this.#client.connect(), this.#server.start({ partial: true })]);
    return Response.json({ answer: await this.#client.request("greet", "object"), answered: this.#answered });
  }
  /** Takes stored messages from now on, also between requests. */
  async #consume(): Promise<void> {
    const connection = await this.#transport.open();
    const store = await connection.eventStore!();
    const reader = store.consume({
      stream: edgeStream,
      subject: "edge.stored",
      consumer: "object",
      from: "all",
      window: 1,
      ackWaitMs: 30_000,
      exclusive: false,
      onState: () => {},
      onDelivery: (delivery) => {
        this.#consumed.push(new TextDecoder().decode(delivery.body));
        delivery.acknowledge().catch(() => {});
      },
    });
    await reader.ready;
  }
}
