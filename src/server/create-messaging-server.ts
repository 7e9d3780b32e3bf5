import type { Contract } from "../contract/contract.ts";
import { contractHash } from "../contract/contract-hash.ts";
import { defaultTimeoutMs } from "../contract/default-timeout.ts";
import { contractSubjects } from "../contract/subjects.ts";
import { MessagingError } from "../errors/messaging-error.ts";
import { silentLogger } from "../logging/logger.ts";
import { systemClock } from "../transport/clock.ts";
import { createIdentifierSource, unguessableLength } from "../transport/identifiers.ts";
import { raceAbort } from "../transport/race-abort.ts";
import { StatusBoard } from "../transport/status-board.ts";
import { tellWait } from "../transport/tell-wait.ts";
import type { TransportConnection, TransportSubscription } from "../transport/transport.ts";
import type { AnyHandler, Endpoint } from "./accepted-request.ts";
import { needsAuthentication } from "../contract/access-check.ts";
import { EndpointStatistics } from "./endpoint-statistics.ts";
import { EventBroadcaster } from "./event-broadcaster.ts";
import type { DurablePublisher } from "../durable/durable-publisher.ts";
import type { MessagingServer } from "./messaging-server.ts";
import { RequestService } from "./request-service.ts";
import type { DurableBroadcastOptions, MessagingServerOptions, StartOptions, StopOptions } from "./server-options.ts";
import { serveDiscovery } from "./service-discovery.ts";

/** How long the broker may take to confirm a server's subscriptions or its last answers, in milliseconds. */
const brokerPatienceMs = 1_000;
const defaultQueueBytes = 16 * 1024 * 1024;
const defaultDeduplication = { windowMs: 120_000, maxRequests: 10_000, maxBytes: 16 * 1024 * 1024 };

/**
 * Makes a server of one contract. It serves after `start()`; nothing happens before.
 *
 * @throws {TypeError} for options that cannot work
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract, createMessagingServer, MemoryTransport } from "@magicbutton/messaging";
 *
 * const clock = createContract({
 *   name: "clock",
 *   version: "1.0.0",
 *   requests: { now: { request: v.object({ zone: v.string() }), response: v.object({ iso: v.string() }) } },
 * });
 * const server = createMessagingServer({ contract: clock, transport: new MemoryTransport() });
 * server.registerHandler("now", () => ({ iso: new Date().toISOString() }));
 * await server.start();
 * await server.stop();
 * ```
 */
export function createMessagingServer<C extends Contract>(options: MessagingServerOptions<C>): MessagingServer<C> {
  return new Server(options) as unknown as MessagingServer<C>;
}

interface Running {
  readonly connection: TransportConnection;
  readonly requests: TransportSubscription[];
}

class Server {
  readonly #options: MessagingServerOptions<Contract>;
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #service: RequestService;
  readonly #broadcaster: EventBroadcaster;
  readonly #subjects: ReturnType<typeof contractSubjects>;
  readonly #queueGroup: string;
  readonly #board: StatusBoard;
  #starting: Promise<Running> | undefined;
  #stopping: Promise<void> | undefined;
  #connection: TransportConnection | undefined;
  #publisher: DurablePublisher | undefined;
  #giveUp = new AbortController();
  #stopMirror: (() => void) | undefined;

  constructor(options: MessagingServerOptions<Contract>) {
    this.#options = options;
    const { contract, logger = silentLogger, clock = systemClock, middleware = [] } = options;
    this.#subjects = contractSubjects(contract, options.namespace);
    this.#queueGroup = options.queueGroup ?? contract.name;
    if (!/^[A-Za-z0-9_-]{1,128}$/.test(this.#queueGroup)) {
      throw new TypeError('Cannot use `queueGroup`: 1 to 128 letters, digits, "_" or "-" are wanted');
    }
    this.#board = new StatusBoard((error) => logger.error("A status listener threw", { error }));
    this.#service = new RequestService({
      contract,
      authenticate: options.authenticate,
      authorize: options.authorize,
      encryption: options.encryption,
      relativeSubject: (subject) => this.#subjects.relative(subject),
      concurrency: options.concurrency ?? 64,
      queueLimit: options.queueLimit ?? 256,
      queueBytes: options.queueBytes ?? defaultQueueBytes,
      deduplication: { ...defaultDeduplication, ...options.deduplication },
      middleware,
      logger,
      clock,
    });
    this.#broadcaster = new EventBroadcaster({
      subjects: this.#subjects,
      middleware,
      encryption: options.encryption,
      connection: () => this.#connected(),
      publisher: () => {
        this.#connected();
        if (this.#publisher !== undefined) return this.#publisher;
        throw notStarted();
      },
    });
  }

  get status(): StatusBoard["status"] {
    return this.#board.status;
  }

  onStatus(listener: Parameters<StatusBoard["listen"]>[0]): () => void {
    return this.#board.listen(listener);
  }

  registerHandler(name: string, handler: AnyHandler): void {
    const { contract } = this.#options;
    const operation = contract.requests.get(name);
    if (operation === undefined) {
      throw new TypeError(`Contract "${contract.name}" has no request "${String(name).slice(0, 128)}"`);
    }
    if (this.#endpoints.has(name)) throw new TypeError(`Request "${name}" has a handler already`);
    if (typeof handler !== "function") throw new TypeError(`The handler of request "${name}" is not a function`);
    if (this.#starting !== undefined) {
      throw new TypeError(`Cannot register a handler for "${name}": the server was started`);
    }
    this.#endpoints.set(name, {
      operation,
      handler,
      statistics: new EndpointStatistics(),
      queueGroup: this.#queueGroup,
    });
  }

  async start(options: StartOptions = {}): Promise<void> {
    await this.#stopping;
    this.#starting ??= this.#start(options).catch((error: unknown) => {
      this.#starting = undefined;
      this.#board.set("disconnected", error as Error);
      throw error;
    });
    await this.#starting;
  }

  broadcast(
    name: string,
    data: unknown,
    options: DurableBroadcastOptions = {},
  ): ReturnType<EventBroadcaster["broadcast"]> {
    const operation = this.#options.contract.events.get(name);
    if (operation === undefined) {
      const shown = String(name).slice(0, 128);
      const text = `Contract "${this.#options.contract.name}" has no event "${shown}"`;
      return Promise.reject(new MessagingError("INVALID_EVENT", text, { operation: shown }));
    }
    return this.#broadcaster.broadcast(operation, data, options);
  }

  stop(options: StopOptions = {}): Promise<void> {
    const { graceMs = 10_000 } = options;
    if (!(Number.isFinite(graceMs) && graceMs >= 0)) {
      return Promise.reject(new TypeError("Cannot use `graceMs`: a number of at least 0 is wanted"));
    }
    if (this.#starting === undefined) return this.#stopping ?? Promise.resolve();
    // A start that is not done would be waited for as long as the broker is away.
    this.#giveUp.abort(new Error("the server was stopped"));
    this.#giveUp = new AbortController();
    return this.#stopping ??= this.#stop(this.#starting, graceMs).finally(() => {
      this.#starting = this.#stopping = undefined;
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #start({ partial = false, signal }: StartOptions): Promise<Running> {
    const { contract, authenticate, transport, logger = silentLogger } = this.#options;
    const missing = [...contract.requests.keys()].filter((name) => !this.#endpoints.has(name));
    if (missing.length > 0 && !partial) {
      throw new TypeError(
        `Cannot start the server: no handler for ${missing.join(", ")}; register one, or start({ partial: true })`,
      );
    }
    if (authenticate === undefined && needsAuthentication(contract)) {
      throw new TypeError(
        `Cannot start the server: contract "${contract.name}" has operations that are not public, and there is no \`authenticate\``,
      );
    }
    const givenUp = this.#giveUp.signal;
    const ended = signal === undefined ? givenUp : AbortSignal.any([signal, givenUp]);
    this.#board.set("connecting");
    const hash = await contractHash(contract);
    const stopTelling = tellWait({ transport, board: this.#board, logger, who: "server" });
    const connection = await transport.open({ signal: ended }).finally(stopTelling);
    this.#connection = connection;
    connection.onRefusedSend?.((subject, error) => this.#service.answerRefused(subject, error));
    try {
      const requests = [...this.#endpoints.values()].map((endpoint) =>
        connection.subscribe(this.#subjects.of(endpoint.operation.subject), {
          queueGroup: this.#queueGroup,
          onMessage: (message) => this.#service.receive(endpoint, message, connection),
          onRefused: (error) => this.#service.refused(endpoint, error),
        })
      );
      const others = [this.#hearCancels(connection), ...serveDiscovery(this.#describe(hash), connection)];
      const ready = [...requests, ...others].map((subscription) => subscription.ready);
      await raceAbort(Promise.all([...ready, this.#openStreams(connection, ended)]), ended);
      this.#mirrorStatus();
      return { connection, requests };
    } catch (error) {
      this.#connection = undefined;
      await connection.close();
      throw error;
    }
  }

  async #stop(starting: Promise<Running>, graceMs: number): Promise<void> {
    const running = await starting.catch(() => undefined);
    if (running === undefined) return;
    const { connection, requests } = running;
    await Promise.all(requests.map((subscription) => subscription.drain()));
    await this.#service.finish(graceMs);
    await connection.flush(brokerPatienceMs).catch(() => {});
    this.#connection = this.#publisher = undefined;
    await connection.close();
    this.#stopMirror?.();
    this.#board.set("closed");
  }

  async #openStreams(connection: TransportConnection, signal: AbortSignal): Promise<void> {
    const { contract, namespace, clock = systemClock } = this.#options;
    if (![...contract.events.values()].some(({ durable }) => durable !== undefined)) return;
    const { openDurablePublisher } = await import("../durable/stored-events.ts");
    const options = { contract, namespace, clock, connection: () => this.#connected() };
    const publisher = await openDurablePublisher(connection, options);
    await publisher.ensureStreams(defaultTimeoutMs, signal);
    this.#publisher = publisher;
  }

  #mirrorStatus(): void {
    const { transport } = this.#options;
    this.#stopMirror = transport.onStatus((status, error) => this.#board.set(status, error));
    this.#board.set(transport.status);
  }

  #hearCancels(connection: TransportConnection): TransportSubscription {
    return connection.subscribe(this.#subjects.everyCancel, {
      onMessage: ({ subject }) => {
        this.#service.cancel(subject.slice(subject.lastIndexOf(".") + 1));
      },
    });
  }

  #describe(hash: string): Parameters<typeof serveDiscovery>[0] {
    const { contract, description = "", clock = systemClock, logger = silentLogger } = this.#options;
    return {
      contract,
      hash,
      id: createIdentifierSource(clock).next(unguessableLength),
      description,
      namespace: this.#options.namespace,
      describeContract: this.#options.describeContract,
      queueGroup: this.#queueGroup,
      subjectOf: (subject) => this.#subjects.of(subject),
      endpoints: () => this.#endpoints.values(),
      clock,
      logger,
    };
  }

  #connected(): TransportConnection {
    if (this.#connection !== undefined) return this.#connection;
    throw notStarted();
  }
}

function notStarted(): MessagingError {
  return new MessagingError("DISCONNECTED", "The server is not started: await start() first", {
    execution: "not-executed",
  });
}
