import { Validator } from "@seriousme/openapi-schema-validator";
import type { AsyncApiDocument, OpenApiDocument } from "../../src/describe/mod.ts";
import type { DescribeTools } from "./tools.ts";

/** What the official schema of OpenAPI finds wrong with a document, and which version of it that was. */
export async function openApiProblems(document: unknown): Promise<{ version: string; problems: string[] }> {
  const validator = new Validator();
  const { valid, errors = [] } = await validator.validate(document as Record<string, unknown>);
  const problems = typeof errors === "string"
    ? [errors]
    : errors.map(({ instancePath, message }) => `${instancePath} ${message}`);
  if (valid !== (problems.length === 0)) {
    throw new Error(`The validator says ${valid} and names ${problems.length} errors`);
  }
  return { version: validator.version, problems };
}

interface Diagnostic {
  readonly code: string | number;
  readonly path: readonly (string | number)[];
  readonly message: string;
}

interface AsyncApiParser {
  parse(text: string): Promise<{ readonly document?: ParsedAsyncApi; readonly diagnostics: readonly Diagnostic[] }>;
}

/** What the parser of AsyncAPI makes of a document, as far as tests ask. */
export interface ParsedAsyncApi {
  version(): string;
  operations(): {
    all(): readonly { id(): string | undefined; reply(): unknown; channels(): { all(): readonly unknown[] } }[];
  };
}

/** What the official parser of AsyncAPI finds wrong with a document, and what it makes of it. */
export async function asyncApiProblems(
  tools: DescribeTools,
  document: unknown,
): Promise<{ parsed: ParsedAsyncApi | undefined; problems: string[] }> {
  const { Parser } = tools.require("@asyncapi/parser") as { Parser: new () => AsyncApiParser };
  const { document: parsed, diagnostics } = await new Parser().parse(JSON.stringify(document));
  // It tells everyone about the next version of AsyncAPI.
  const problems = diagnostics.filter(({ code }) => code !== "asyncapi-latest-version");
  return { parsed, problems: problems.map(({ code, path, message }) => `${code} ${path.join("/")}: ${message}`) };
}

/** References of a document that lead nowhere. */
export function danglingReferences(document: OpenApiDocument | AsyncApiDocument): string[] {
  const dangling: string[] = [];
  JSON.stringify(document, (key, value) => {
    if (key === "$ref" && typeof value === "string" && !leadsSomewhere(document, value)) dangling.push(value);
    return value;
  });
  return dangling;
}

function leadsSomewhere(document: unknown, reference: string): boolean {
  if (!reference.startsWith("#/")) return false;
  let place = document;
  for (const key of reference.slice(2).split("/")) {
    place = (place as Record<string, unknown> | undefined)?.[key.replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return place !== undefined;
}
