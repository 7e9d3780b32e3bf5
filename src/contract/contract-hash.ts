import type { Contract } from "./contract.ts";

/**
 * A hash that is the same for the same contract, in hexadecimal: of names, versions, access and schemas. Valibot schemas
 * count with what they are made of, other validators with their JSON Schema; of those that have none only the vendor is
 * known.
 */
export async function contractHash(contract: Contract): Promise<string> {
  const description = {
    name: contract.name,
    version: contract.version,
    roles: [...contract.roles].map(([role, rights]) => [role, [...rights].sort()]),
    errors: [...contract.errors.values()].map(({ code, status, retryable, schema }) => ({
      code,
      status,
      retryable,
      schema: describe(schema),
    })),
    requests: [...contract.requests.values()].map((operation) => ({
      name: operation.name,
      request: describe(operation.schemas.request),
      response: describe(operation.schemas.response),
      errors: [...operation.errors.keys()],
      access: operation.access,
      idempotent: operation.idempotent,
      timeoutMs: operation.timeoutMs,
    })),
    events: [...contract.events.values()].map((operation) => ({
      name: operation.name,
      schema: describe(operation.schema),
      parameters: operation.template.parameters,
      subject: operation.template.subscribeSubject("", {}),
      access: operation.access,
      durable: operation.durable,
    })),
  };
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify(description)));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const maximumDepth = 24;

/** The plain data a schema object is made of: its functions carry no meaning that could be compared. */
function describe(part: unknown, depth = 0): unknown {
  if (typeof part === "bigint" || part instanceof RegExp) return String(part);
  if (typeof part !== "object" || part === null) return typeof part === "function" ? undefined : part;
  if (depth > maximumDepth) return "…";
  if (Array.isArray(part)) return part.map((entry) => describe(entry, depth + 1));
  const standard = (part as { "~standard"?: { vendor?: string; jsonSchema?: JsonSchemaConverter } })["~standard"];
  if (standard?.vendor !== undefined && standard.vendor !== "valibot") {
    return { vendor: standard.vendor, schema: jsonSchemaOf(standard.jsonSchema) };
  }
  const entries = Object.entries(part).filter(([key, value]) => !key.startsWith("~") && typeof value !== "function");
  return Object.fromEntries(entries.map(([key, value]) => [key, describe(value, depth + 1)]));
}

/** The Standard JSON Schema extension, as far as it is asked. @see https://standardschema.dev */
interface JsonSchemaConverter {
  readonly input?: (options: { readonly target: string }) => unknown;
}

function jsonSchemaOf(converter: JsonSchemaConverter | undefined): unknown {
  try {
    return converter?.input?.({ target: "draft-2020-12" });
  } catch {
    // It says so by throwing that it has none.
    return undefined;
  }
}
