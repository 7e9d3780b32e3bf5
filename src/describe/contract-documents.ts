import type { Contract } from "../contract/contract.ts";
import { contractSubjects } from "../contract/subjects.ts";
import { asyncApiServers } from "./async-api-servers.ts";
import { type AsyncApiOptions, describeAsyncApi } from "./describe-async-api.ts";
import { describeOpenApi, type OpenApiOptions } from "./describe-open-api.ts";
import { contractList } from "./described-contracts.ts";

/**
 * Options of `contractDocuments`.
 *
 * @example
 * ```ts
 * import type { ContractDocumentsOptions } from "@magicbutton/messaging/describe";
 *
 * const options: ContractDocumentsOptions = { title: "Orders", namespace: "prod" };
 * ```
 */
export interface ContractDocumentsOptions extends OpenApiOptions, AsyncApiOptions {}

/** The documents of contracts as JSON text, each written when it is asked for first. They never throw. */
export interface ContractDocuments {
  /** The text of `describeOpenApi`. */
  openApi(): string;
  /** The text of `describeAsyncApi`. */
  asyncApi(): string;
}

/**
 * The documents of contracts as a server answers with them: text, written once.
 *
 * @throws {TypeError} for contracts and options that the documents cannot be made of; at once, not when one is asked for
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract } from "@magicbutton/messaging";
 * import { contractDocuments } from "@magicbutton/messaging/describe";
 *
 * const clock = createContract({ name: "clock", version: "1.0.0", events: { ticked: v.object({ at: v.number() }) } });
 * const documents = contractDocuments(clock, { url: "https://api.example.com" });
 * export const openApi = (): Response => new Response(documents.openApi(), { headers: { "Content-Type": "application/json" } });
 * ```
 */
export function contractDocuments(
  contracts: Contract | readonly Contract[],
  options: ContractDocumentsOptions = {},
): ContractDocuments {
  const described = contractList(contracts);
  for (const contract of described) contractSubjects(contract, options.namespace);
  asyncApiServers(options.servers ?? [], options.authentication ?? []);
  return {
    openApi: once(() => describeOpenApi(described, options)),
    asyncApi: once(() => describeAsyncApi(described, options)),
  };
}

function once(describe: () => object): () => string {
  let text: string | undefined;
  return () => text ??= JSON.stringify(describe());
}
