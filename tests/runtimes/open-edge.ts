import { createMessagingClient, createMessagingServer, NatsTransport } from "../../mod.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { startWorkerd } from "./start-workerd.ts";
import { edgeContract, edgeStream } from "./edge-contract.ts";

/** What the worker of the edge tests answers. */
export interface EdgeAnswer {
  readonly answer?: string;
  readonly answers?: readonly string[];
  readonly answered?: number;
  readonly status?: string;
  /** What it threw, unless that was a `MessagingError`. */
  readonly thrown?: string;
  readonly error?: { code: string; message: string; execution: string; retryable: boolean };
}

/** A broker, a service beside it, and a worker that speaks to both. */
export interface Edge extends AsyncDisposable {
  /** Sends the worker one request. */
  readonly get: (path: string) => Promise<EdgeAnswer>;
  /** Asks what a Durable Object serves, from outside and past the worker. */
  readonly askObject: (name: string) => Promise<string>;
  /** Stores a text for the Durable Object, past the worker. */
  readonly store: (text: string) => Promise<unknown>;
  /** How many requests of the worker wait for {@linkcode release}. */
  readonly waiting: () => number;
  /** Answers all that wait. */
  readonly release: () => void;
  /** How many connections the worker has at the broker. */
  readonly connections: () => Promise<number>;
}

/** Starts all of it, with the workerd at this path. */
export async function openEdge(workerdPath: string): Promise<Edge> {
  const broker = await startNatsServer({ websocket: true, monitoring: true, jetstream: true });
  const transport = new NatsTransport({ servers: broker.url });
  const service = createMessagingServer({ contract: edgeContract, transport });
  const outside = createMessagingClient({ contract: edgeContract, transport, namespace: "object" });
  let releases: (() => void)[] = [];
  service.registerHandler("greet", (name) => `Hello ${name}`);
  service.registerHandler("wait", () => new Promise((settle) => releases.push(() => settle("released"))));
  await Promise.all([service.start(), outside.connect()]);
  const connection = await transport.open();
  const store = await connection.eventStore!();
  await store.ensureStream(edgeStream, { timeoutMs: 5_000, operation: "open" });
  const workerd = await startWorkerd(workerdPath, "workerd-edge.ts", {
    bindings: { SERVERS: broker.websocketUrl },
    durableObjects: { DESK: "DeskObject" },
  });
  return {
    get: async (path) => {
      const response = await fetch(workerd.url + path, { signal: AbortSignal.timeout(8_000) });
      if (!response.ok) throw new Error(`The worker answered ${response.status}:\n${workerd.output()}`);
      return await response.json() as EdgeAnswer;
    },
    askObject: (name) => outside.request("greet", name),
    store: (text) =>
      store.store("edge.stored", new TextEncoder().encode(text), {
        timeoutMs: 5_000,
        operation: "store",
        stream: edgeStream.name,
        messageId: text,
      }),
    waiting: () => releases.length,
    release: () => {
      for (const release of releases) release();
      releases = [];
    },
    connections: async () => {
      const response = await fetch(`${broker.monitoringUrl}/connz`);
      const { num_connections: all } = await response.json() as { num_connections: number };
      // The test's own is one.
      return all - 1;
    },
    [Symbol.asyncDispose]: async () => {
      await workerd[Symbol.asyncDispose]();
      await Promise.all([outside.disconnect(), service.stop({ graceMs: 10 }), connection.close()]);
      await broker.stop();
    },
  };
}
