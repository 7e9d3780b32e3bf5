import type { Contract, RequestOperation } from "../contract/contract.ts";
import { defaultTimeoutMs } from "../contract/default-timeout.ts";
import { accessRoles } from "./access-roles.ts";
import type { DescribedContracts } from "./described-contracts.ts";
import { documentText } from "./document-information.ts";
import type { OpenApiOperation, OpenApiParameter, OpenApiReference, OpenApiResponse } from "./open-api-document.ts";
import { openApiSecurity } from "./open-api-security.ts";
import { headerReferences, requestFailures } from "./problem-responses.ts";

/** Headers that every request takes, as components. */
export const requestHeaders: Readonly<Record<string, OpenApiParameter>> = {
  IdempotencyKey: {
    name: "Idempotency-Key",
    in: "header",
    description: "The same for each attempt at one thing, so that it is done once.",
    schema: { type: "string", minLength: 1, maxLength: 128, pattern: "^[!-~]+$" },
  },
};

/** `POST /{contract}/v{major}/{request}`. */
export function openApiRequest(
  described: DescribedContracts,
  contract: Contract,
  operation: RequestOperation,
  tag: string,
): OpenApiOperation {
  const { schema: body, optional } = described.request(operation);
  const roles = accessRoles(contract, operation.access);
  return {
    operationId: described.nameOf(operation),
    ...documentText(operation.description),
    tags: [tag],
    ...openApiSecurity(contract, roles !== undefined),
    parameters: [{ $ref: "#/components/parameters/IdempotencyKey" }, timeoutHeader(operation)],
    ...(body === undefined
      ? {}
      : { requestBody: { required: !optional, content: { "application/json": { schema: body } } } }),
    responses: {
      ...successes(described, operation),
      ...requestFailures(described, operation, { hasBody: body !== undefined }),
    },
    ...(roles === undefined ? {} : { "x-roles": roles }),
    "x-idempotent": operation.idempotent,
  };
}

function timeoutHeader({ timeoutMs = defaultTimeoutMs }: RequestOperation): OpenApiParameter {
  return {
    name: "Request-Timeout-Ms",
    in: "header",
    description: "How long the caller waits for the answer, in whole milliseconds.",
    schema: { type: "integer", minimum: 1, default: Math.ceil(timeoutMs) },
  };
}

function successes(
  described: DescribedContracts,
  operation: RequestOperation,
): Record<string, OpenApiResponse | OpenApiReference> {
  const { schema, optional } = described.response(operation);
  const headers = headerReferences(["RateLimit", "RateLimit-Policy"]);
  return {
    ...(schema === undefined
      ? {}
      : { 200: { description: "The answer.", headers, content: { "application/json": { schema } } } }),
    ...(schema === undefined || optional ? { 204: { description: "It is done; there is no answer.", headers } } : {}),
  };
}
