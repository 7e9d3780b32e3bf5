/**
 * Typed messaging for distributed applications on NATS: one contract, checked on both sides, over memory, TCP, WebSocket or HTTP.
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract, createMessagingClient, createMessagingServer, MemoryTransport } from "@magicbutton/messaging";
 *
 * const greeter = createContract({
 *   name: "greeter",
 *   version: "1.0.0",
 *   requests: { greet: { request: v.object({ name: v.string() }), response: v.object({ text: v.string() }) } },
 * });
 * const transport = new MemoryTransport();
 * const server = createMessagingServer({ contract: greeter, transport });
 * server.registerHandler("greet", ({ name }) => ({ text: `Hello, ${name}` }));
 * await server.start();
 *
 * const client = createMessagingClient({ contract: greeter, transport });
 * await client.connect();
 * console.log(await client.request("greet", { name: "Ada" }));
 * await client.disconnect();
 * await server.stop();
 * ```
 *
 * @module
 */

export {
  type CodeMeaning,
  type Execution,
  isLibraryCode,
  type LibraryCode,
  libraryCodes,
} from "./src/errors/error-codes.ts";
export { isMessagingError, MessagingError, type MessagingErrorOptions } from "./src/errors/messaging-error.ts";
export { type PromiseWithError, safe, type SafeResult } from "./src/errors/safe.ts";

export { createContract } from "./src/contract/create-contract.ts";
export type { Contract, ContractError, EventOperation, RequestOperation } from "./src/contract/contract.ts";
export type {
  Access,
  ContractDefinition,
  DurableDefinition,
  ErrorDefinition,
  ErrorDefinitions,
  EventDefinition,
  EventDefinitions,
  RequestDefinition,
  RequestDefinitions,
  RoleDefinition,
  RoleDefinitions,
} from "./src/contract/definition.ts";
export type {
  CheckedEvents,
  DurableEventName,
  ErrorInput,
  ErrorNames,
  ErrorOutput,
  ErrorsByCode,
  EventName,
  EventParameters,
  EventSchema,
  InferContract,
  InferErrors,
  InferEvent,
  InferRequest,
  InferResponse,
  IsDurable,
  ParameterNames,
  ParameterValue,
  RequestName,
  SubjectFields,
  TypesOf,
  TypesOfEvent,
  TypesOfRequest,
} from "./src/contract/infer.ts";
export type { ContractTypes, EventTypes, RequestTypes } from "./src/contract/contract-types.ts";
export type { Middleware, OperationCall } from "./src/contract/operation-call.ts";
export type { RoleTable } from "./src/contract/roles.ts";
export type {
  SchemaInput,
  SchemaOutput,
  StandardIssue,
  StandardResult,
  StandardSchema,
  StandardSchemaProperties,
} from "./src/contract/standard-schema.ts";
export type { SubjectTemplate } from "./src/contract/subject-template.ts";
export type { ValidationIssue, Validator } from "./src/contract/validator.ts";

export { createMessagingClient } from "./src/client/create-messaging-client.ts";
export type {
  ClientCallContext,
  ConnectOptions,
  EventContext,
  EventGap,
  EventHandler,
  EventsOptions,
  GapHandler,
  MessagingClientOptions,
  OverflowPolicy,
  ParentCall,
  RequestOptions,
  RetryBudgetLimits,
  RetryOptions,
  SubscribeOptions,
} from "./src/client/client-options.ts";
export type { CheckedConnection, ContractCheck } from "./src/client/contract-check.ts";
export type {
  EventStream,
  EventSubscription,
  MessagingClient,
  RequestArguments,
  StreamedEvent,
} from "./src/client/messaging-client.ts";

export type { DeadLetter, DeadLetters, DeadLettersOptions } from "./src/durable/dead-letter.ts";
export type {
  DurableSubscribeOptions,
  EventPosition,
  ReplaySubscribeOptions,
  StoredErrorListener,
  StoredEventHandler,
  StoredStatusListener,
  StoredSubscription,
} from "./src/durable/durable-options.ts";
export { createInbox, type Inbox, type InboxOptions } from "./src/durable/create-inbox.ts";
export {
  createKvInboxStore,
  type KvInboxStore,
  type KvInboxStoreOptions,
  type KvInboxTransaction,
} from "./src/durable/kv-inbox-store.ts";
export {
  createOutbox,
  type Outbox,
  type OutboxAddOptions,
  type OutboxOptions,
  type OutboxPublisher,
} from "./src/durable/create-outbox.ts";
export type { InboxStore } from "./src/durable/inbox-store.ts";
export { createMemoryInboxStore, type MemoryInboxStoreOptions } from "./src/durable/memory-inbox-store.ts";
export { createMemoryOutboxStore, type MemoryOutboxStore } from "./src/durable/memory-outbox-store.ts";
export type { MemoryTransaction } from "./src/durable/memory-transaction.ts";
export type { OutboxEntry, OutboxStore } from "./src/durable/outbox-store.ts";
export type { StoredEventContext } from "./src/durable/stored-event-context.ts";
export type { StoredEventFailure } from "./src/durable/stored-event-failure.ts";

export { createMessagingServer } from "./src/server/create-messaging-server.ts";
export type { BroadcastOptionsOf, BroadcastResult, MessagingServer } from "./src/server/messaging-server.ts";
export type { Authorize } from "./src/contract/authorize.ts";
export type {
  BroadcastOptions,
  DeduplicationOptions,
  DurableBroadcastOptions,
  ErrorArguments,
  ErrorCode,
  ErrorData,
  ErrorOf,
  HandlerContext,
  MessagingServerOptions,
  RequestHandler,
  ServerCallContext,
  StartOptions,
  StopOptions,
} from "./src/server/server-options.ts";
export type {
  Actor,
  Authenticate,
  AuthenticatedCall,
  CallerCredentials,
  RequestSigner,
  VerifiedActor,
} from "./src/contract/actor.ts";
export type { PayloadBinding, PayloadEncryption, SealedPayload } from "./src/message/payload-encryption.ts";

export {
  MemoryBroker,
  type MemoryBrokerOptions,
  type MemoryPublication,
  type MemoryStreamKeeper,
  type MemorySubscription,
  type SharedMemoryBroker,
} from "./src/memory/memory-broker.ts";
export { MemoryTransport, type MemoryTransportOptions } from "./src/memory/memory-transport.ts";
export { NatsTransport, type NatsTransportOptions } from "./src/nats/nats-transport.ts";
export type {
  NatsAuthentication,
  NatsCredentials,
  NatsTlsOptions,
  ValueOrFunction,
} from "./src/nats/authentication.ts";

export { HttpTransport, type HttpTransportOptions } from "./src/http/http-transport.ts";
export type { HttpFetch } from "./src/http/call-gateway.ts";

export { MessageHeaders } from "./src/message/message-headers.ts";
export type {
  ConsumeOptions,
  Delivery,
  EventStore,
  ReadingState,
  ReplayOptions,
  StartPosition,
  StoreCallOptions,
  StoredAcknowledgement,
  StoredMessage,
  StoreMessageOptions,
  StreamDefinition,
  StreamReader,
  StreamReadOptions,
} from "./src/transport/event-store.ts";
export type { Clock, Timer } from "./src/transport/clock.ts";
export type {
  ConnectionStatus,
  GapReason,
  OpenOptions,
  StatusListener,
  Transport,
  TransportConnection,
  TransportMessage,
  TransportPublishOptions,
  TransportRequestManyOptions,
  TransportRequestOptions,
  TransportSubscribeOptions,
  TransportSubscription,
} from "./src/transport/transport.ts";
export { type ConsoleLoggerOptions, createConsoleLogger } from "./src/logging/console-logger.ts";
export { type LogFields, type Logger, type LogLevel, silentLogger } from "./src/logging/logger.ts";
