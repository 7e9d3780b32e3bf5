/**
 * What a contract offers, told to others: an OpenAPI document of the gateway's routes and an AsyncAPI document of the
 * subjects on NATS, with JSON Schemas of what travels.
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract } from "@magicbutton/messaging";
 * import { describeAsyncApi, describeOpenApi } from "@magicbutton/messaging/describe";
 *
 * const clock = createContract({
 *   name: "clock",
 *   version: "1.0.0",
 *   requests: { now: { request: v.object({ zone: v.string() }), response: v.object({ iso: v.string() }) } },
 *   events: { ticked: v.object({ at: v.number() }) },
 * });
 * console.log(JSON.stringify(describeOpenApi(clock)), JSON.stringify(describeAsyncApi(clock)));
 * ```
 *
 * @module
 */

export { describeOpenApi, type OpenApiOptions } from "./describe-open-api.ts";
export type {
  OpenApiBody,
  OpenApiComponents,
  OpenApiDocument,
  OpenApiEvent,
  OpenApiHeader,
  OpenApiOperation,
  OpenApiParameter,
  OpenApiPath,
  OpenApiReference,
  OpenApiResponse,
  OpenApiSecurityScheme,
  OpenApiTag,
} from "./open-api-document.ts";
export { type AsyncApiOptions, describeAsyncApi } from "./describe-async-api.ts";
export type {
  AsyncApiChannel,
  AsyncApiComponents,
  AsyncApiDocument,
  AsyncApiMessage,
  AsyncApiOperation,
  AsyncApiParameter,
  AsyncApiReference,
  AsyncApiSecurityScheme,
  AsyncApiServer,
} from "./async-api-document.ts";
export type { BrokerAuthentication } from "./async-api-servers.ts";
export { type ContractDocuments, contractDocuments, type ContractDocumentsOptions } from "./contract-documents.ts";
export { compareContracts } from "./compare-contracts.ts";
export type { ContractChange, ContractChangeCode, ContractComparison } from "./contract-changes.ts";
export { describeContract } from "./describe-contract.ts";
export type {
  BodyDescription,
  ContractDescription,
  ErrorDescription,
  EventDescription,
  RequestDescription,
} from "./contract-description.ts";
export { type ContractCheckOptions, createContractCheck } from "./contract-check/create-contract-check.ts";
export type { DocumentInformation, DocumentOptions } from "./document-information.ts";
export type { JsonObject, JsonSchema, JsonValue } from "./json.ts";
