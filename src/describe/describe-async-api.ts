import type { Contract, EventOperation, RequestOperation } from "../contract/contract.ts";
import { defaultTimeoutMs } from "../contract/default-timeout.ts";
import { contractSubjects } from "../contract/subjects.ts";
import { accessRoles } from "./access-roles.ts";
import { eventAddress } from "./async-api-channels.ts";
import type {
  AsyncApiChannel,
  AsyncApiDocument,
  AsyncApiMessage,
  AsyncApiOperation,
  AsyncApiReference,
  AsyncApiSecurityScheme,
} from "./async-api-document.ts";
import {
  errorMessage,
  errorSchemas,
  eventMessage,
  failureMessage,
  failureNames,
  requestMessage,
  responseMessage,
} from "./async-api-messages.ts";
import { asyncApiServers, type BrokerAuthentication, brokerSchemes } from "./async-api-servers.ts";
import { describeContracts, type DescribedContracts, ownErrors } from "./described-contracts.ts";
import { documentInformation, type DocumentOptions, documentText } from "./document-information.ts";
import { pascalCase } from "./identifiers.ts";
import { componentPrefix } from "./schema-target.ts";

/**
 * Options of `describeAsyncApi`.
 *
 * @example
 * ```ts
 * import type { AsyncApiOptions } from "@magicbutton/messaging/describe";
 *
 * const options: AsyncApiOptions = { servers: ["nats://nats.example.com"], authentication: ["jwt"] };
 * ```
 */
export interface AsyncApiOptions extends DocumentOptions {
  /** The deployment's tokens in front of every subject. @default none */
  readonly namespace?: string;
  /** URLs of the brokers, such as `nats://a.example.com:4222`; only host, port and path are told. @default none */
  readonly servers?: readonly string[];
  /** How connections show the brokers who they are, as alternatives. @default not told */
  readonly authentication?: readonly BrokerAuthentication[];
  /** The queue group in which the instances of a service share its requests. @default the contract's name */
  readonly queueGroup?: string;
}

/** The parts of a document that grow with each operation. */
interface Growing {
  readonly channels: Record<string, AsyncApiChannel>;
  readonly operations: Record<string, AsyncApiOperation>;
  readonly messages: Record<string, AsyncApiMessage>;
}

/**
 * An AsyncAPI 3.0 document of what the service of contracts does on NATS: the requests that it receives and answers, and
 * the events that it sends. A plain NATS client in any language can work by it. Schemas are those of `describeOpenApi`,
 * in JSON Schema's draft 07.
 *
 * @throws {TypeError} for no contract, for two of one name and major version, whose subjects are the same, for a
 * namespace that is not made of subject tokens, and for a server that is no URL of NATS
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract } from "@magicbutton/messaging";
 * import { describeAsyncApi } from "@magicbutton/messaging/describe";
 *
 * const orders = createContract({
 *   name: "orders",
 *   version: "1.0.0",
 *   events: { moved: { schema: v.object({ region: v.string() }), subject: "{region}" } },
 * });
 * const document = describeAsyncApi(orders, { servers: ["nats://nats.example.com"] });
 * document.channels["orders.v1.event.moved"]?.address; // "orders.v1.event.moved.{region}"
 * ```
 *
 * @see https://www.asyncapi.com/docs/reference/specification/v3.0.0
 */
export function describeAsyncApi(
  contracts: Contract | readonly Contract[],
  options: AsyncApiOptions = {},
): AsyncApiDocument {
  const target = { draft: "draft-07", prefix: componentPrefix } as const;
  const described = describeContracts(contracts, { target, taken: failureNames });
  const { servers, authentication = [] } = options;
  const parts: Growing = { channels: {}, operations: {}, messages: {} };
  for (const contract of described.contracts) addContract(described, contract, options, parts);
  const errors = described.contracts.flatMap(ownErrors);
  const hasRequests = described.contracts.some(({ requests }) => requests.size > 0);
  const securitySchemes = schemes(described.contracts, servers === undefined ? [] : authentication);
  return {
    asyncapi: "3.0.0",
    info: documentInformation(described.contracts, options),
    defaultContentType: "application/json",
    ...(servers === undefined ? {} : { servers: asyncApiServers(servers, authentication) }),
    channels: parts.channels,
    operations: parts.operations,
    components: {
      schemas: { ...described.components, ...(hasRequests ? errorSchemas(described, errors) : {}) },
      messages: parts.messages,
      ...(Object.keys(securitySchemes).length === 0 ? {} : { securitySchemes }),
    },
  };
}

function addContract(
  described: DescribedContracts,
  contract: Contract,
  options: AsyncApiOptions,
  parts: Growing,
): void {
  const { namespace, queueGroup = contract.name } = options;
  const subjects = contractSubjects(contract, namespace);
  for (const operation of contract.requests.values()) {
    const request = requestMessage(described, operation);
    const replies = [
      responseMessage(described, operation),
      ...[...operation.errors.values()].map((error) => errorMessage(described, error)),
      failureMessage,
    ];
    const [channel, replyChannel] = [operation.subject, `${operation.subject}.reply`];
    parts.channels[channel] = { address: subjects.of(operation.subject), messages: messageReferences([request]) };
    parts.channels[replyChannel] = {
      address: null,
      description: "The reply subject of the request: each caller has its own, under its inbox prefix.",
      messages: messageReferences(replies),
    };
    parts.operations[`receive${pascalCase(described.nameOf(operation))}`] = {
      ...operationParts("receive", contract, operation, channel, request),
      reply: {
        channel: channelReference(replyChannel),
        messages: replies.map(({ name }) => inChannel(replyChannel, name)),
      },
      bindings: { nats: { queue: queueGroup, bindingVersion: "0.1.0" } },
      "x-idempotent": operation.idempotent,
      "x-timeout-ms": operation.timeoutMs ?? defaultTimeoutMs,
    };
    for (const message of [request, ...replies]) parts.messages[message.name] = message;
  }
  for (const operation of contract.events.values()) {
    const message = eventMessage(described, operation);
    const channel = operation.subject;
    parts.channels[channel] = {
      ...eventAddress(described, operation, subjects.of(operation.subject)),
      messages: messageReferences([message]),
      ...(operation.durable === undefined ? {} : { "x-durable": { ...operation.durable } }),
    };
    parts.operations[`send${pascalCase(described.nameOf(operation))}`] = operationParts(
      "send",
      contract,
      operation,
      channel,
      message,
    );
    parts.messages[message.name] = message;
  }
}

function operationParts(
  action: AsyncApiOperation["action"],
  contract: Contract,
  operation: RequestOperation | EventOperation,
  channel: string,
  message: AsyncApiMessage,
): AsyncApiOperation {
  const roles = accessRoles(contract, operation.access);
  return {
    action,
    channel: channelReference(channel),
    ...documentText(operation.description),
    tags: [{ name: contract.name }],
    // A subscription shows no token: the broker's own permissions decide about it.
    ...(roles === undefined || action === "send" ? {} : { security: [schemeReference("bearer")] }),
    messages: [inChannel(channel, message.name)],
    ...(roles === undefined ? {} : { "x-roles": roles }),
  };
}

function schemes(
  contracts: readonly Contract[],
  authentication: readonly BrokerAuthentication[],
): Record<string, AsyncApiSecurityScheme> {
  const asks = contracts.some(({ requests }) => [...requests.values()].some(({ access }) => access !== "public"));
  const description = "A token in the message header `Authorization` that says who calls (RFC 6750).";
  return {
    ...(asks ? { bearer: { type: "http", scheme: "bearer", description } } : {}),
    ...Object.fromEntries(authentication.map((kind) => [kind, brokerSchemes[kind]])),
  };
}

function messageReferences(messages: readonly AsyncApiMessage[]): Record<string, AsyncApiReference> {
  return Object.fromEntries(messages.map(({ name }) => [name, { $ref: `#/components/messages/${name}` }]));
}

function channelReference(channel: string): AsyncApiReference {
  return { $ref: `#/channels/${channel}` };
}

function inChannel(channel: string, message: string): AsyncApiReference {
  return { $ref: `#/channels/${channel}/messages/${message}` };
}

function schemeReference(name: string): AsyncApiReference {
  return { $ref: `#/components/securitySchemes/${name}` };
}
