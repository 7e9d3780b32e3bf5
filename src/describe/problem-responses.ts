import type { ContractError, RequestOperation } from "../contract/contract.ts";
import type { LibraryCode } from "../errors/error-codes.ts";
import type { DescribedContracts } from "./described-contracts.ts";
import type { JsonSchema } from "./json.ts";
import type { OpenApiHeader, OpenApiReference, OpenApiResponse } from "./open-api-document.ts";
import { anyLibraryProblem, contractProblem, eitherProblem, libraryProblem } from "./problem-schemas.ts";

/** An answer of the library or the gateway themselves, which every operation of a kind shares. */
interface SharedAnswer {
  readonly component: string;
  readonly codes: readonly LibraryCode[];
  readonly description: string;
  readonly headers?: readonly (keyof typeof answerHeaders)[];
}

/** Headers of answers, as components. */
export const answerHeaders: Readonly<
  Record<"Retry-After" | "RateLimit" | "RateLimit-Policy" | "WWW-Authenticate", OpenApiHeader>
> = {
  "Retry-After": {
    description: "How long to wait before another attempt, in whole seconds.",
    schema: { type: "integer", minimum: 0 },
  },
  "RateLimit": { description: "What is left of the caller's quota.", schema: { type: "string" } },
  "RateLimit-Policy": { description: "The caller's quota.", schema: { type: "string" } },
  "WWW-Authenticate": { description: "How to show who calls.", schema: { type: "string", examples: ["Bearer"] } },
};

const unauthenticated: SharedAnswer = {
  component: "Unauthenticated",
  codes: ["UNAUTHENTICATED"],
  description: "The caller is not known.",
  headers: ["WWW-Authenticate"],
};
const forbidden: SharedAnswer = {
  component: "Forbidden",
  codes: ["FORBIDDEN"],
  description: "The caller may not do this.",
};
const tooMany: SharedAnswer = {
  component: "TooManyRequests",
  codes: ["BUSY"],
  description: "The caller's quota is used up.",
  headers: ["Retry-After", "RateLimit", "RateLimit-Policy"],
};
const internal: SharedAnswer = {
  component: "Internal",
  codes: ["INTERNAL"],
  description: "Something failed; `correlationId` finds it in the server's log.",
};
const unavailable: SharedAnswer = {
  component: "Unavailable",
  codes: ["BUSY", "DISCONNECTED", "NO_RESPONDERS"],
  description: "Nobody can do this now.",
  headers: ["Retry-After"],
};

/** Answers to who may not; none where everyone may. */
const refusals: Readonly<Record<string, SharedAnswer>> = { 401: unauthenticated, 403: forbidden };

/** Answers to a body. */
const bodyAnswers: Readonly<Record<string, SharedAnswer>> = {
  408: { component: "BodyTooSlow", codes: ["TIMEOUT"], description: "The body did not come in time." },
  413: { component: "PayloadTooLarge", codes: ["PAYLOAD_TOO_LARGE"], description: "The body is too large." },
  415: { component: "UnsupportedBody", codes: ["UNSUPPORTED"], description: "The body is not `application/json`." },
};

const requestAnswers: Readonly<Record<string, SharedAnswer>> = {
  400: {
    component: "BadRequest",
    codes: ["DECRYPTION_FAILED", "INVALID_REQUEST", "MALFORMED_MESSAGE"],
    description: "The request does not fit its schema, or cannot be read.",
  },
  429: tooMany,
  500: internal,
  502: { component: "BadAnswer", codes: ["INVALID_RESPONSE"], description: "The answer does not fit its schema." },
  503: unavailable,
  504: { component: "Timeout", codes: ["TIMEOUT"], description: "There was no answer in time; the work may be done." },
};

const streamAnswers: Readonly<Record<string, SharedAnswer>> = {
  400: {
    component: "BadSubscription",
    codes: ["INVALID_EVENT", "INVALID_REQUEST"],
    description: "The parameters do not fit the event.",
  },
  404: { component: "UnknownEvent", codes: ["NO_RESPONDERS"], description: "The contract has no such event." },
  429: tooMany,
  500: internal,
  503: unavailable,
};

/** With the problem of any code of the library. */
const otherProblem: SharedAnswer = { component: "OtherProblem", codes: [], description: "Any other failure." };

/** The answers that operations share, by the name of their component. */
export function sharedResponses(): Record<string, OpenApiResponse> {
  const answers = [refusals, bodyAnswers, requestAnswers, streamAnswers].flatMap((table) => Object.values(table));
  return Object.fromEntries(
    [...answers, otherProblem].map((answer) => [answer.component, responseOf([answer], answer.codes.map(codeSchema))]),
  );
}

/** How a request may fail, by status. */
export function requestFailures(
  described: DescribedContracts,
  operation: RequestOperation,
  { hasBody }: { readonly hasBody: boolean },
): Record<string, OpenApiResponse | OpenApiReference> {
  const answers = {
    ...requestAnswers,
    ...(hasBody ? bodyAnswers : {}),
    ...(operation.access === "public" ? {} : refusals),
  };
  const failures: Record<string, OpenApiResponse | OpenApiReference> = references(answers);
  const own = [...operation.errors.values()];
  for (const status of new Set(own.map((error) => error.status))) {
    failures[status] = ownResponse(described, own.filter((error) => error.status === status), answers[status]);
  }
  return { ...failures, default: reference(otherProblem) };
}

/** How listening may fail, by status. */
export function streamFailures({ isPublic }: { readonly isPublic: boolean }): Record<string, OpenApiReference> {
  return { ...references({ ...streamAnswers, ...(isPublic ? {} : refusals) }), default: reference(otherProblem) };
}

function ownResponse(
  described: DescribedContracts,
  errors: readonly ContractError[],
  shared: SharedAnswer | undefined,
): OpenApiResponse {
  const texts = errors.map(({ description, message }) => ({ description: description ?? message, headers: [] }));
  const own = errors.map((error) => [error.code, contractProblem(described, error)] as const);
  return responseOf([...texts, ...(shared === undefined ? [] : [shared])], [
    ...own,
    ...(shared?.codes.map(codeSchema) ?? []),
  ]);
}

function responseOf(
  parts: readonly Pick<SharedAnswer, "description" | "headers">[],
  problems: readonly (readonly [code: string, schema: JsonSchema])[],
): OpenApiResponse {
  const headers = [...new Set(parts.flatMap((part) => part.headers ?? []))];
  return {
    description: parts.map(({ description }) => description).join(" Or: "),
    ...(headers.length === 0 ? {} : { headers: headerReferences(headers) }),
    content: {
      "application/problem+json": { schema: problems.length === 0 ? anyLibraryProblem : eitherProblem(problems) },
    },
  };
}

/** References to headers, by their names. */
export function headerReferences(names: readonly (keyof typeof answerHeaders)[]): Record<string, OpenApiReference> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

function codeSchema(code: LibraryCode): readonly [string, JsonSchema] {
  return [code, libraryProblem(code)];
}

function references(answers: Readonly<Record<string, SharedAnswer>>): Record<string, OpenApiReference> {
  return Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, reference(answer)]));
}

function reference({ component }: SharedAnswer): OpenApiReference {
  return { $ref: `#/components/responses/${component}` };
}
