import type { Contract } from "../contract/contract.ts";
import type { Clock } from "../transport/clock.ts";
import { isReplySubject } from "../transport/subject-rules.ts";
import type { TransportConnection, TransportMessage, TransportSubscription } from "../transport/transport.ts";
import { encodeBody } from "../message/json-codec.ts";
import type { Logger } from "../logging/logger.ts";
import type { Endpoint } from "./accepted-request.ts";

/** What a service tells of itself. */
export interface ServiceDescription {
  /** What it serves. */
  readonly contract: Contract;
  /** The hash of it. */
  readonly hash: string;
  /** This instance's own identifier. */
  readonly id: string;
  /** What it is for. */
  readonly description: string;
  /** The deployment's tokens in front of its subjects; absent where there are none. */
  readonly namespace: string | undefined;
  /** Writes what the contract is; absent where that is not told. */
  readonly describeContract: ((contract: Contract) => object) | undefined;
  /** The queue group of its requests. */
  readonly queueGroup: string;
  /** The subject of a request, with the namespace. */
  readonly subjectOf: (subject: string) => string;
  /** What it serves now. */
  readonly endpoints: () => Iterable<Endpoint>;
  /** Time. */
  readonly clock: Clock;
  /** Hears of answers that could not be sent. */
  readonly logger: Logger;
}

/**
 * Answers `$SRV.PING`, `$SRV.INFO` and `$SRV.STATS`, for all services, for this one's name and for this instance, so that
 * the `nats` command line lists, inspects and measures it; and `$SRV.SCHEMA` with the contract itself, where that is told.
 *
 * @see NATS ADR-32, https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-32.md
 */
export function serveDiscovery(service: ServiceDescription, connection: TransportConnection): TransportSubscription[] {
  const { name, version, major } = service.contract;
  const started = new Date(service.clock.date()).toISOString();
  const identity = {
    name,
    id: service.id,
    version,
    metadata: {
      contract: `${name}@${version}`,
      "contract-hash": service.hash,
      "contract-major": String(major),
      ...(service.namespace === undefined ? {} : { namespace: service.namespace }),
    },
  };
  const endpoints = (fields: (endpoint: Endpoint) => object): object[] =>
    [...service.endpoints()].map((endpoint) => ({
      name: endpoint.operation.name,
      subject: service.subjectOf(endpoint.operation.subject),
      queue_group: service.queueGroup,
      ...fields(endpoint),
    }));
  const { describeContract } = service;
  let described: object | undefined;
  const answers: Readonly<Record<string, () => object>> = {
    PING: () => ({ type: "io.nats.micro.v1.ping_response", ...identity }),
    INFO: () => ({
      type: "io.nats.micro.v1.info_response",
      ...identity,
      description: service.description,
      endpoints: endpoints(({ operation }) => ({ metadata: endpointMetadata(operation) })),
    }),
    STATS: () => ({
      type: "io.nats.micro.v1.stats_response",
      ...identity,
      started,
      endpoints: endpoints(({ statistics }) => statistics.snapshot()),
    }),
    ...(describeContract === undefined ? {} : {
      SCHEMA: () => ({
        type: "magicbutton.messaging.v1.schema_response",
        ...identity,
        contract: described ??= describeContract(service.contract),
      }),
    }),
  };
  return Object.entries(answers).flatMap(([verb, answer]) =>
    [`$SRV.${verb}`, `$SRV.${verb}.${name}`, `$SRV.${verb}.${name}.${service.id}`].map((subject) =>
      connection.subscribe(subject, { onMessage: ({ replySubject }: TransportMessage) => reply(replySubject, answer) })
    )
  );

  function reply(replySubject: string | undefined, answer: () => object): void {
    if (replySubject === undefined || !isReplySubject(replySubject)) return;
    try {
      connection.send(replySubject, encodeBody(answer()));
    } catch (error) {
      service.logger.warn("A discovery answer could not be sent", { error });
    }
  }
}

function endpointMetadata(operation: Endpoint["operation"]): Readonly<Record<string, string>> {
  const { description, access, idempotent, errors } = operation;
  return {
    access: typeof access === "string" ? access : access.join(","),
    idempotent: String(idempotent),
    ...(errors.size === 0 ? {} : { errors: [...errors.keys()].join(",") }),
    ...(description === undefined ? {} : { description }),
  };
}
