import type { Contract } from "../contract/contract.ts";
import { contractSubjects } from "../contract/subjects.ts";
import type { Logger } from "../logging/logger.ts";
import { decodeBody } from "../message/json-codec.ts";
import type { Clock } from "../transport/clock.ts";
import { createIdentifierSource, type IdentifierSource, requestIdLength } from "../transport/identifiers.ts";
import type { TransportConnection, TransportMessage } from "../transport/transport.ts";

/** The numbers of one request's service in one instance, since that instance was started. */
export interface EndpointNumbers {
  /** The request's name in the contract. */
  readonly name: string;
  /** How many it took. */
  readonly requests: number;
  /** How many of them failed. */
  readonly errors: number;
  /** From arrival to answer, in milliseconds. */
  readonly averageProcessingMs: number;
}

/** One running server of a contract. */
export interface ServiceInstance {
  /** Its own identifier. */
  readonly id: string;
  /** The version it says it serves. */
  readonly version: string;
  /** When it was started, as an ISO timestamp. */
  readonly started: string;
  /** Its numbers, by request of the contract. */
  readonly endpoints: readonly EndpointNumbers[];
}

/** A contract and who serves it. */
export interface ContractStatistics {
  /** The contract's name. */
  readonly name: string;
  /** The contract's version, as the gateway knows it. */
  readonly version: string;
  /** Those that answered in time; the longest running first. */
  readonly instances: readonly ServiceInstance[];
}

/** What the services behind a gateway said of themselves. */
export interface ServiceStatistics {
  /** When they were asked, as an ISO timestamp. */
  readonly at: string;
  /** In the gateway's order. */
  readonly contracts: readonly ContractStatistics[];
}

/** What service statistics are read through. */
export interface ServiceStatisticsOptions {
  /** The contracts whose services are asked. */
  readonly contracts: readonly Contract[];
  /** The namespace of their subjects. */
  readonly namespace?: string | undefined;
  /** The way to the services. */
  readonly join: () => Pick<TransportConnection, "requestMany"> | Promise<Pick<TransportConnection, "requestMany">>;
  /** Time and randomness. */
  readonly clock: Clock;
  /** Hears of answers that could not be read. */
  readonly logger: Logger;
}

/** How long services have to answer, in milliseconds: who measures them learns nothing from a slower one. */
const answerMs = 500;
/** How long an answer is good for, in milliseconds: many viewers cost one question. */
const freshMs = 1_000;
const maximumInstances = 256;
const noBody = new Uint8Array(0);

/**
 * Asks the services of a gateway's contracts for their statistics (`$SRV.STATS`), one question at a time however many
 * want to know. What it tells are identifiers, times and counts: never the text of an error.
 *
 * @see NATS ADR-32, https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-32.md
 */
export class ServiceStatisticsReader {
  readonly #options: ServiceStatisticsOptions;
  readonly #identifiers: IdentifierSource;
  #newest: Promise<ServiceStatistics> | undefined;
  #staleAt = -Infinity;

  /** Asks nobody yet. */
  constructor(options: ServiceStatisticsOptions) {
    this.#options = options;
    this.#identifiers = createIdentifierSource(options.clock);
  }

  /**
   * The statistics, at most a second old.
   *
   * @throws {MessagingError} `DISCONNECTED`, `TIMEOUT`, `UNSUPPORTED`, or `FORBIDDEN` where the broker lets the gateway ask
   * no services
   */
  read(): Promise<ServiceStatistics> {
    const { clock } = this.#options;
    if (this.#newest === undefined || clock.now() >= this.#staleAt) {
      this.#staleAt = Infinity;
      this.#newest = this.#ask().finally(() => {
        this.#staleAt = clock.now() + freshMs;
      });
    }
    return this.#newest;
  }

  async #ask(): Promise<ServiceStatistics> {
    const { contracts, clock } = this.#options;
    const at = new Date(clock.date()).toISOString();
    // Contracts of several major versions have one name, and their services all answer to it.
    const names = [...new Set(contracts.map(({ name }) => name))];
    const answers = new Map(await Promise.all(names.map(async (name) => [name, await this.#askFor(name)] as const)));
    return {
      at,
      contracts: contracts.map((contract) => ({
        name: contract.name,
        version: contract.version,
        instances: this.#instancesOf(contract, answers.get(contract.name) ?? []),
      })),
    };
  }

  async #askFor(name: string): Promise<unknown[]> {
    const connection = await this.#options.join();
    const messages = await connection.requestMany(`$SRV.STATS.${name}`, noBody, {
      requestId: this.#identifiers.next(requestIdLength),
      timeoutMs: answerMs,
      operation: `statistics of ${name}`,
      limit: maximumInstances,
    });
    return messages.map((message) => this.#decode(name, message));
  }

  #decode(name: string, { body }: TransportMessage): unknown {
    try {
      return decodeBody(body);
    } catch (error) {
      this.#options.logger.debug("The statistics of a service could not be read", { contract: name, error });
      return undefined;
    }
  }

  #instancesOf(contract: Contract, answers: readonly unknown[]): ServiceInstance[] {
    const subjects = contractSubjects(contract, this.#options.namespace);
    const names = new Map([...contract.requests.values()].map(({ name, subject }) => [subjects.of(subject), name]));
    const instances = new Map<string, ServiceInstance>();
    for (const answer of answers) {
      const instance = readInstance(answer, names);
      if (instance !== undefined && !instances.has(instance.id)) instances.set(instance.id, instance);
    }
    return [...instances.values()].sort((one, other) =>
      one.started.localeCompare(other.started) || one.id.localeCompare(other.id)
    );
  }
}

const safeText = /^[\w.+:-]{1,64}$/;

/** What one service says of itself, as far as it serves these subjects: anybody's program may have answered. */
function readInstance(answer: unknown, names: ReadonlyMap<string, string>): ServiceInstance | undefined {
  const { id, version, started, endpoints } = (answer ?? {}) as Readonly<Record<string, unknown>>;
  const startedAt = typeof started === "string" ? Date.parse(started) : NaN;
  if (!isSafeText(id) || !isSafeText(version) || Number.isNaN(startedAt) || !Array.isArray(endpoints)) return undefined;
  const numbers = new Map<string, EndpointNumbers>();
  for (const endpoint of endpoints as unknown[]) {
    const read = readEndpoint(endpoint, names);
    if (read !== undefined && !numbers.has(read.name)) numbers.set(read.name, read);
  }
  // A service of another major version, or of another namespace.
  if (numbers.size === 0) return undefined;
  return { id, version, started: new Date(startedAt).toISOString(), endpoints: [...numbers.values()] };
}

function readEndpoint(endpoint: unknown, names: ReadonlyMap<string, string>): EndpointNumbers | undefined {
  const fields = (endpoint ?? {}) as Readonly<Record<string, unknown>>;
  const name = typeof fields.subject === "string" ? names.get(fields.subject) : undefined;
  const requests = fields.num_requests;
  const errors = fields.num_errors;
  const averageNanoseconds = fields.average_processing_time;
  if (name === undefined || !isCount(requests) || !isCount(errors) || !isCount(averageNanoseconds)) return undefined;
  return { name, requests, errors, averageProcessingMs: Math.round(averageNanoseconds / 1e3) / 1e3 };
}

function isSafeText(value: unknown): value is string {
  return typeof value === "string" && safeText.test(value);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
