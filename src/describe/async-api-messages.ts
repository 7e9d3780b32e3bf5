import type { ContractError, EventOperation, RequestOperation } from "../contract/contract.ts";
import { libraryCodes } from "../errors/error-codes.ts";
import type { AsyncApiMessage } from "./async-api-document.ts";
import type { DescribedContracts, Travelling } from "./described-contracts.ts";
import { documentText } from "./document-information.ts";
import { pascalCase } from "./identifiers.ts";
import type { JsonSchema } from "./json.ts";
import { componentPrefix } from "./schema-target.ts";

const failure = "LibraryError";

/** Names of schemas that a document of subjects has beside those of its contracts. */
export const failureNames: readonly string[] = [failure];

/** The message of a library's own error. */
export const failureMessage: AsyncApiMessage = {
  name: failure,
  summary: "The library itself answers with an error.",
  headers: errorHeaders({ type: "string", enum: Object.keys(libraryCodes) }, {
    type: "string",
    pattern: "^[45]\\d\\d$",
  }),
  payload: { $ref: componentPrefix + failure },
};

const trace: Record<string, JsonSchema> = {
  traceparent: { type: "string", description: "W3C Trace Context." },
  tracestate: { type: "string", description: "W3C Trace Context." },
};

/** What a caller sends. */
export function requestMessage(described: DescribedContracts, operation: RequestOperation): AsyncApiMessage {
  const properties: Record<string, JsonSchema> = {
    ...(operation.access === "public" ? {} : {
      "Authorization": {
        type: "string",
        pattern: "^[Bb][Ee][Aa][Rr][Ee][Rr] [!-~]+$",
        description: "A token that says who calls (RFC 6750).",
      },
    }),
    "Mb-Timeout": {
      type: "string",
      pattern: "^\\d+$",
      description:
        "How long the caller still waits, in milliseconds. Left out where it is the contract's own deadline.",
    },
    "Mb-Request-Id": {
      type: "string",
      description: "The same for each attempt at one thing. Left out where the last token of the reply subject is it.",
    },
    ...trace,
  };
  return {
    name: `${pascalCase(described.nameOf(operation))}Request`,
    ...summaryOf(operation.description),
    headers: { type: "object", properties },
    ...body(described.request(operation)),
  };
}

/** What a handler answers. */
export function responseMessage(described: DescribedContracts, operation: RequestOperation): AsyncApiMessage {
  return {
    name: `${pascalCase(described.nameOf(operation))}Response`,
    summary: `Answers ${operation.name}`,
    ...body(described.response(operation)),
  };
}

/** What an event carries. */
export function eventMessage(described: DescribedContracts, operation: EventOperation): AsyncApiMessage {
  return {
    name: `${pascalCase(described.nameOf(operation))}Event`,
    ...summaryOf(operation.description),
    headers: { type: "object", properties: trace },
    ...body(described.event(operation)),
  };
}

/** How a request fails with an error of its contract. */
export function errorMessage(described: DescribedContracts, error: ContractError): AsyncApiMessage {
  const name = `${described.nameOf(error)}Error`;
  return {
    name,
    summary: error.message,
    ...(error.description === undefined ? {} : { description: error.description }),
    headers: errorHeaders({ type: "string", const: error.code }, { type: "string", const: String(error.status) }),
    payload: { $ref: componentPrefix + name },
  };
}

/** The bodies of error replies. */
export function errorSchemas(
  described: DescribedContracts,
  errors: Iterable<ContractError>,
): Record<string, JsonSchema> {
  const own = [...errors].map((error) => {
    const { schema, optional } = described.data(error);
    const required = schema === undefined || optional ? [] : ["data"];
    const code = { type: "string", const: error.code };
    return [`${described.nameOf(error)}Error`, errorBody(code, schema, required)] as const;
  });
  return {
    [failure]: errorBody({ type: "string", enum: Object.keys(libraryCodes) }, undefined, []),
    ...Object.fromEntries(own),
  };
}

function errorBody(code: JsonSchema, data: JsonSchema | undefined, required: readonly string[]): JsonSchema {
  return {
    type: "object",
    properties: {
      code,
      message: { type: "string", description: "What went wrong this time." },
      data: data ?? { description: "What else is known of it." },
      retryable: { type: "boolean", description: "Whether the same call may succeed later without a change." },
      retryAfterMs: {
        type: "number",
        minimum: 0,
        description: "How long to wait before another attempt, in milliseconds.",
      },
      correlationId: { type: "string", description: "Finds the failure in the server's log." },
    },
    required: ["code", "message", ...required],
  };
}

function errorHeaders(code: JsonSchema, status: JsonSchema): JsonSchema {
  return {
    type: "object",
    properties: {
      "Nats-Service-Error": { type: "string", description: "The error's text (NATS ADR-32)." },
      "Nats-Service-Error-Code": { ...status, description: "The error's status (NATS ADR-32)." },
      "Mb-Error": { ...code, description: "What a program decides by." },
    },
    required: ["Nats-Service-Error", "Nats-Service-Error-Code", "Mb-Error"],
  };
}

function body({ schema, optional }: Travelling): Pick<AsyncApiMessage, "payload" | "description"> {
  if (schema === undefined) return { description: "The body is empty." };
  return { payload: schema, ...(optional ? { description: "The body may be empty." } : {}) };
}

function summaryOf(description: string | undefined): Pick<AsyncApiMessage, "summary"> {
  const { summary } = documentText(description);
  return summary === undefined ? {} : { summary };
}
