import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMessagingClient, createMessagingServer, type MessagingServer, NatsTransport } from "../../../mod.ts";
import type { Program } from "../../support/program.ts";
import { until } from "../../support/until.ts";
import { type ConsumerChoice, startConsumer } from "./consumer-program.ts";
import { type LoggedDelivery, readEventLog } from "./event-log.ts";
import { parcels, replicatedParcels } from "./parcels-contract.ts";
import { pauseMs } from "../pause-ms.ts";

/** How many broadcasts wait for their acknowledgement at once. */
const inFlight = 64;

/** A service that tells of parcels, and consumers that log what they handle. */
export class ParcelScene implements AsyncDisposable {
  readonly server: MessagingServer<typeof parcels>;
  readonly #servers: readonly string[];
  readonly #folder: string;
  readonly #consumers = new Set<Program>();

  private constructor(servers: readonly string[], folder: string, server: MessagingServer<typeof parcels>) {
    this.#servers = servers;
    this.#folder = folder;
    this.server = server;
  }

  static async open(servers: readonly string[], { replicated = false } = {}): Promise<ParcelScene> {
    const folder = await mkdtemp(join(tmpdir(), "messaging-parcels-"));
    const transport = new NatsTransport({ servers });
    const server = createMessagingServer({ contract: replicated ? replicatedParcels : parcels, transport });
    // A cluster that has just begun may take its time to make a stream of three replicas; a service would be started again.
    await until("the service has its streams", () => server.start().then(() => true, () => false), 30_000);
    return new ParcelScene(servers, folder, server);
  }

  /** Tells of parcels `first` to `last`, the key of each by its number. */
  async tell(first: number, last: number, keyOf: (id: number) => string = String): Promise<void> {
    for (let id = first; id <= last; id += inFlight) {
      const count = Math.min(inFlight, last - id + 1);
      await Promise.all(Array.from({ length: count }, (_, index) => {
        return this.server.broadcast("moved", { id: id + index, key: keyOf(id + index) }, { timeoutMs: 20_000 });
      }));
    }
  }

  /** Starts a consumer; it logs into the scene's log. */
  async startConsumer(choice: Omit<ConsumerChoice, "servers" | "log">): Promise<Program> {
    const consumer = await startConsumer({ servers: this.#servers, log: this.log, ...choice });
    this.#consumers.add(consumer);
    return consumer;
  }

  /** Where a file of the scene is; it goes with the scene. */
  file(name: string): string {
    return join(this.#folder, name);
  }

  get log(): string {
    return this.file("events.log");
  }

  /** What consumers have done so far; nothing where there was none. */
  deliveries(): LoggedDelivery[] {
    try {
      return readEventLog(this.log);
    } catch {
      return [];
    }
  }

  /** Waits until so many events were handled to their end; gives whether they were. */
  async handled(count: number, limitMs: number): Promise<boolean> {
    for (const end = Date.now() + limitMs; Date.now() < end; await pauseMs(200)) {
      const ended = new Set(this.deliveries().filter((delivery) => delivery.ended).map(({ id }) => id));
      if (ended.size >= count) return true;
    }
    return false;
  }

  /** How many dead letters a durable has. */
  async deadLetters(durable: string): Promise<number> {
    const transport = new NatsTransport({ servers: this.#servers });
    await using client = createMessagingClient({ contract: parcels, transport });
    await client.connect();
    let count = 0;
    for await (const _ of client.deadLetters("moved", { durable })) count += 1;
    return count;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const consumer of this.#consumers) await consumer[Symbol.asyncDispose]();
    await this.server.stop({ graceMs: 0 });
    await rm(this.#folder, { recursive: true, force: true });
  }
}
