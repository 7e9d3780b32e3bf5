import type { ContractError } from "../contract/contract.ts";
import { type LibraryCode, libraryCodes } from "../errors/error-codes.ts";
import { type DescribedContracts, ownErrors } from "./described-contracts.ts";
import { pascalCase } from "./identifiers.ts";
import type { JsonSchema } from "./json.ts";
import { componentPrefix } from "./schema-target.ts";

const problem = "Problem";
const libraryProblems = "LibraryProblem";
const issues = "ValidationIssues";
const execution: JsonSchema = {
  type: "string",
  enum: ["not-executed", "unknown", "executed"],
  description: "Whether the work may have happened.",
};

/** Codes whose `data` lists what is wrong with a value. */
const codesWithIssues: readonly string[] = ["INVALID_EVENT", "INVALID_REQUEST", "INVALID_RESPONSE"];

/** Names of schemas that a document of routes has beside those of its contracts. */
export const problemNames: readonly string[] = [
  problem,
  libraryProblems,
  issues,
  ...Object.keys(libraryCodes).map(problemName),
];

/** A reference to the problem of any failure of the library or the gateway. */
export const anyLibraryProblem: JsonSchema = { $ref: componentPrefix + libraryProblems };

/** A reference to the problem of a library code. */
export function libraryProblem(code: LibraryCode): JsonSchema {
  return { $ref: componentPrefix + problemName(code) };
}

/** A reference to the problem of a contract's error. */
export function contractProblem(described: DescribedContracts, error: ContractError): JsonSchema {
  return { $ref: `${componentPrefix}${described.nameOf(error)}${problem}` };
}

/** One of some problems, told apart by their codes. */
export function eitherProblem(problems: readonly (readonly [code: string, schema: JsonSchema])[]): JsonSchema {
  const schemas = problems.map(([, schema]) => schema);
  if (schemas.length === 1) return schemas[0]!;
  const mapping = Object.fromEntries(problems.map(([code, { $ref }]) => [code, $ref!]));
  return { oneOf: schemas, discriminator: { propertyName: "code", mapping } };
}

/** Problems as RFC 9457 has them: the one that all are, one for each library code, one for each error of the contracts. */
export function problemSchemas(described: DescribedContracts): Record<string, JsonSchema> {
  const codes = Object.keys(libraryCodes) as LibraryCode[];
  const ofLibrary = codes.map((code) => {
    const data: Record<string, JsonSchema> = codesWithIssues.includes(code)
      ? { data: { $ref: componentPrefix + issues } }
      : {};
    const { retryable } = libraryCodes[code];
    const description = `${retryable ? "The same call may succeed later" : "The same call fails again"} (\`${code}\`).`;
    return [problemName(code), narrowed(description, { code: constant(code), ...data }, ["code"])] as const;
  });
  const ofContracts = described.contracts.flatMap((contract) =>
    ownErrors(contract).map((error) => [`${described.nameOf(error)}${problem}`, ownProblem(described, error)] as const)
  );
  return {
    [problem]: anySchema,
    [libraryProblems]: eitherProblem(codes.map((code) => [code, libraryProblem(code)])),
    [issues]: issuesSchema,
    ...Object.fromEntries([...ofLibrary, ...ofContracts]),
  };
}

function ownProblem(described: DescribedContracts, error: ContractError): JsonSchema {
  const { schema, optional } = described.data(error);
  const { code, status, message, description } = error;
  const fields: Record<string, JsonSchema> = {
    type: constant(`urn:problem-type:magicbutton:${code}`),
    status: { type: "integer", const: status },
    detail: { type: "string", examples: [message] },
    code: constant(code),
    ...(schema === undefined ? {} : { data: schema }),
  };
  return narrowed(description ?? message, fields, ["code", ...(schema === undefined || optional ? [] : ["data"])]);
}

function narrowed(description: string, properties: Record<string, JsonSchema>, required: string[]): JsonSchema {
  return { description, allOf: [{ $ref: componentPrefix + problem }, { type: "object", properties, required }] };
}

function problemName(code: string): string {
  return pascalCase(code) + problem;
}

function constant(value: string): JsonSchema {
  return { type: "string", const: value };
}

const anySchema: JsonSchema = {
  type: "object",
  description: "A failure (RFC 9457).",
  properties: {
    type: { type: "string", format: "uri", description: "Names the kind of failure; the same as `code`, as a URI." },
    title: { type: "string", description: "The code in words." },
    status: { type: "integer", minimum: 400, maximum: 599, description: "The status of the answer." },
    detail: { type: "string", description: "What went wrong this time." },
    code: { type: "string", description: "What a program decides by." },
    operation: { type: "string", description: "The request or event of the contract." },
    execution,
    retryable: { type: "boolean", description: "Whether the same call may succeed later without a change." },
    retryAfterMs: {
      type: "number",
      minimum: 0,
      description: "How long to wait before another attempt, in milliseconds.",
    },
    correlationId: { type: "string", description: "Finds the failure in the server's log." },
    data: { description: "What else is known of it." },
  },
  required: ["type", "title", "status", "detail", "code", "execution", "retryable"],
};

const issuesSchema: JsonSchema = {
  type: "object",
  description: "What is wrong with a value.",
  properties: {
    issues: {
      type: "array",
      items: {
        type: "object",
        properties: {
          path: { type: "string", description: "Where: the keys from the value's root, joined by dots." },
          message: { type: "string", description: "What is wrong." },
        },
        required: ["path", "message"],
      },
    },
  },
  required: ["issues"],
};
