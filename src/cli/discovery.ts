import { decodeBody } from "../message/json-codec.ts";
import { systemClock } from "../transport/clock.ts";
import { createIdentifierSource, requestIdLength } from "../transport/identifiers.ts";
import type { TransportConnection } from "../transport/transport.ts";

/** One request of a service, as the service tells it. */
export interface FoundEndpoint {
  /** Its name. */
  readonly name: string;
  /** Where it listens. */
  readonly subject: string;
  /** Who shares its requests. */
  readonly queueGroup: string;
  /** How many requests it took; where numbers were asked for. */
  readonly requests?: number;
  /** How many of them failed. */
  readonly errors?: number;
  /** From arrival to answer, in milliseconds. */
  readonly averageMs?: number;
  /** The text of the last error. */
  readonly lastError?: string;
}

/** One running instance of a service. */
export interface FoundService {
  /** The service's name: with this library, the contract's. */
  readonly name: string;
  /** The instance. */
  readonly id: string;
  /** The version that it serves. */
  readonly version: string;
  /** The contract that it serves, `orders@1.4.0`, where it is of this library. */
  readonly contract?: string;
  /** When it was started, as an ISO timestamp; where numbers were asked for. */
  readonly started?: string;
  /** What it is for; where numbers were not asked for. */
  readonly description?: string;
  /** Its requests. */
  readonly endpoints: readonly FoundEndpoint[];
}

/** What services are asked. */
export interface DiscoveryQuestion {
  /** What they are, or their numbers. */
  readonly verb: "INFO" | "STATS";
  /** The name of those that are asked. @default all */
  readonly name?: string | undefined;
  /** How long they have to answer, in milliseconds. */
  readonly waitMs: number;
  /** Ends the wait. */
  readonly signal: AbortSignal;
}

/** So many instances are shown. */
const maximumServices = 10_000;
const maximumTextLength = 512;
const noBody = new Uint8Array(0);

/**
 * Asks the services behind a broker what they are, by name and start. Anybody's program may answer: what does not have the
 * shape of the protocol is left out.
 *
 * @throws {MessagingError} `DISCONNECTED`, `FORBIDDEN`, `CANCELLED`
 *
 * @see NATS ADR-32, https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-32.md
 */
export async function findServices(
  connection: Pick<TransportConnection, "requestMany">,
  { verb, name, waitMs, signal }: DiscoveryQuestion,
): Promise<readonly FoundService[]> {
  const messages = await connection.requestMany(`$SRV.${verb}${name === undefined ? "" : `.${name}`}`, noBody, {
    requestId: createIdentifierSource(systemClock).next(requestIdLength),
    timeoutMs: waitMs,
    operation: "discovery of services",
    limit: maximumServices,
    signal,
  });
  const found = new Map<string, FoundService>();
  for (const { body } of messages) {
    const service = readService(body);
    if (service !== undefined) found.set(`${service.name} ${service.id}`, service);
  }
  return [...found.values()].sort((one, other) =>
    one.name.localeCompare(other.name) || one.version.localeCompare(other.version) || one.id.localeCompare(other.id)
  );
}

function readService(body: Uint8Array): FoundService | undefined {
  const fields = fieldsOf(decoded(body));
  const [name, id, version] = [textOf(fields["name"]), textOf(fields["id"]), textOf(fields["version"])];
  if (name === undefined || id === undefined || version === undefined) return undefined;
  const endpoints = Array.isArray(fields["endpoints"]) ? fields["endpoints"] : [];
  const contract = textOf(fieldsOf(fields["metadata"])["contract"]);
  const started = textOf(fields["started"]);
  const description = textOf(fields["description"]);
  return {
    name,
    id,
    version,
    ...(contract === undefined ? {} : { contract }),
    ...(started === undefined || Number.isNaN(Date.parse(started)) ? {} : { started: new Date(started).toISOString() }),
    ...(description === undefined ? {} : { description }),
    endpoints: endpoints.flatMap(readEndpoint),
  };
}

function readEndpoint(endpoint: unknown): FoundEndpoint[] {
  const fields = fieldsOf(endpoint);
  const [name, subject] = [textOf(fields["name"]), textOf(fields["subject"])];
  if (name === undefined || subject === undefined) return [];
  const { num_requests: requests, num_errors: errors, average_processing_time: average } = fields;
  const lastError = textOf(fields["last_error"]);
  return [{
    name,
    subject,
    queueGroup: textOf(fields["queue_group"]) ?? "",
    ...(isCount(requests) ? { requests } : {}),
    ...(isCount(errors) ? { errors } : {}),
    ...(isCount(average) ? { averageMs: Math.round(average / 1e3) / 1e3 } : {}),
    ...(lastError === undefined ? {} : { lastError }),
  }];
}

function decoded(body: Uint8Array): unknown {
  try {
    return decodeBody(body);
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? value as Readonly<Record<string, unknown>> : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value.slice(0, maximumTextLength) : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
