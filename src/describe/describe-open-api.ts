import type { Contract } from "../contract/contract.ts";
import { describeContracts, type DescribedContracts } from "./described-contracts.ts";
import { documentInformation, type DocumentOptions } from "./document-information.ts";
import type { OpenApiComponents, OpenApiDocument, OpenApiPath, OpenApiTag } from "./open-api-document.ts";
import { openApiEvents, streamHeaders, streamSchemas } from "./open-api-events.ts";
import { openApiRequest, requestHeaders } from "./open-api-request.ts";
import { asksWhoCalls, bearerScheme } from "./open-api-security.ts";
import { answerHeaders, sharedResponses } from "./problem-responses.ts";
import { problemNames, problemSchemas } from "./problem-schemas.ts";
import { referencedComponents } from "./referenced-components.ts";
import { componentPrefix } from "./schema-target.ts";

/**
 * Options of `describeOpenApi`.
 *
 * @example
 * ```ts
 * import type { OpenApiOptions } from "@magicbutton/messaging/describe";
 *
 * const options: OpenApiOptions = { title: "Orders", url: "https://api.example.com" };
 * ```
 */
export interface OpenApiOptions extends DocumentOptions {
  /** Where the gateway is, such as `https://api.example.com`. @default where the document came from */
  readonly url?: string;
}

/**
 * An OpenAPI 3.1 document of the routes that a gateway serves for contracts: one for each request, and one for the events
 * of each contract. Schemas tell what travels, the input of a contract's schema.
 *
 * A schema never refuses what the contract takes. Where JSON Schema has no words for a check it is wider, and says so in
 * its description. Three limits: a `format` is a hint, as JSON Schema 2020-12 has it; lengths count code points there and
 * UTF-16 units here; and Valibot takes an array for an object.
 *
 * @throws {TypeError} for no contract, and for two of one name and major version, whose routes are the same
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract } from "@magicbutton/messaging";
 * import { describeOpenApi } from "@magicbutton/messaging/describe";
 *
 * const orders = createContract({
 *   name: "orders",
 *   version: "1.0.0",
 *   requests: { find: { request: v.object({ id: v.string() }), response: v.object({ total: v.number() }) } },
 * });
 * const document = describeOpenApi(orders, { url: "https://api.example.com" });
 * Object.keys(document.paths); // ["/orders/v1/find"]
 * ```
 *
 * @see https://spec.openapis.org/oas/v3.1.1
 */
export function describeOpenApi(
  contracts: Contract | readonly Contract[],
  options: OpenApiOptions = {},
): OpenApiDocument {
  const target = { draft: "draft-2020-12", prefix: componentPrefix } as const;
  const described = describeContracts(contracts, { target, taken: problemNames });
  const tags = contractTags(described.contracts);
  const routes = paths(described, tags);
  return {
    openapi: "3.1.1",
    info: documentInformation(described.contracts, options),
    ...(options.url === undefined ? {} : { servers: [{ url: options.url.replace(/\/+$/, "") }] }),
    tags: described.contracts.map((contract): OpenApiTag => ({
      name: tags.get(contract)!,
      description: `Contract ${contract.name}, version ${contract.version}.`,
    })),
    paths: routes,
    components: components(described, routes),
  };
}

/** A contract's name, with its version where several have that name. */
function contractTags(contracts: readonly Contract[]): ReadonlyMap<Contract, string> {
  const shares = ({ name }: Contract): boolean => contracts.filter((contract) => contract.name === name).length > 1;
  return new Map(
    contracts.map((contract) => [contract, shares(contract) ? `${contract.name} v${contract.major}` : contract.name]),
  );
}

function paths(
  described: DescribedContracts,
  tags: ReadonlyMap<Contract, string>,
): Record<string, OpenApiPath> {
  const all: Record<string, OpenApiPath> = {};
  for (const contract of described.contracts) {
    const tag = tags.get(contract)!;
    const start = `/${contract.name}/v${contract.major}`;
    for (const operation of contract.requests.values()) {
      all[`${start}/${operation.name}`] = { post: openApiRequest(described, contract, operation, tag) };
    }
    if (contract.events.size > 0) {
      // A request may be called "events".
      const path = `${start}/events`;
      all[path] = { ...all[path], get: openApiEvents(described, contract, tag) };
    }
  }
  return all;
}

/** What the routes refer to, and no more. */
function components(described: DescribedContracts, routes: Record<string, OpenApiPath>): OpenApiComponents {
  const all = {
    schemas: { ...described.components, ...streamSchemas(described), ...problemSchemas(described) },
    responses: sharedResponses(),
    parameters: { ...requestHeaders, ...streamHeaders },
    headers: answerHeaders,
  };
  const isReferenced = referencedComponents(all, routes);
  const kept = <Part>(kind: keyof typeof all, parts: Readonly<Record<string, Part>>): Record<string, Part> =>
    Object.fromEntries(Object.entries(parts).filter(([name]) => isReferenced(kind, name)));
  return {
    schemas: kept("schemas", all.schemas),
    responses: kept("responses", all.responses),
    parameters: kept("parameters", all.parameters),
    headers: kept("headers", all.headers),
    ...(described.contracts.some(asksWhoCalls) ? { securitySchemes: { bearer: bearerScheme } } : {}),
  };
}
