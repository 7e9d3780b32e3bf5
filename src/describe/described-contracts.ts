import type { Contract, ContractError, EventOperation, RequestOperation } from "../contract/contract.ts";
import type { StandardSchema } from "../contract/standard-schema.ts";
import { libraryCodes } from "../errors/error-codes.ts";
import { mayBeAbsent } from "./absence.ts";
import { collectSchemas, type SchemaComponents } from "./collect-schemas.ts";
import { camelCase, pascalCase } from "./identifiers.ts";
import type { JsonSchema } from "./json.ts";
import type { SchemaTarget } from "./schema-target.ts";
import { uniqueNames } from "./unique-names.ts";

/** What a document calls a part of a contract. */
type Named = Contract | RequestOperation | EventOperation | ContractError;

/** What travels by a schema. */
export interface Travelling {
  /** A reference to the schema; absent where nothing travels by it. */
  readonly schema: JsonSchema | undefined;
  /** Whether nothing may travel. */
  readonly optional: boolean;
}

/** Contracts with what a document needs of them: names of their own, and schemas as components. */
export interface DescribedContracts {
  /** In the order they were given. */
  readonly contracts: readonly Contract[];
  /** Every schema of the contracts. */
  readonly components: SchemaComponents;
  /** A name that programs can use, one for each contract, request, event and error. */
  nameOf(part: Named): string;
  /** What a caller sends. */
  request(operation: RequestOperation): Travelling;
  /** What a handler answers. */
  response(operation: RequestOperation): Travelling;
  /** What an event carries. */
  event(operation: EventOperation): Travelling;
  /** What an error carries. */
  data(error: ContractError): Travelling;
}

/** Which names a document gives to schemas of its own. */
export interface DescribedContractsOptions {
  /** How it writes its schemas. */
  readonly target: SchemaTarget;
  /** Names of schemas that the contracts cannot have. */
  readonly taken: readonly string[];
}

/**
 * Reads contracts for a document.
 *
 * @throws {TypeError} for no contract, and for two of one name and major version, whose subjects and routes are the same
 */
export function describeContracts(
  given: Contract | readonly Contract[],
  { target, taken }: DescribedContractsOptions,
): DescribedContracts {
  const contracts = contractList(given);
  const names = nameParts(contracts);
  const nameOf = (part: Named): string => names.get(part)!;
  const roots = new Map<string, StandardSchema>();
  for (const contract of contracts) {
    const { requests, events } = contract;
    for (const request of requests.values()) {
      roots.set(`${pascalCase(nameOf(request))}Request`, request.schemas.request);
      roots.set(`${pascalCase(nameOf(request))}Response`, request.schemas.response);
    }
    for (const event of events.values()) roots.set(`${pascalCase(nameOf(event))}Event`, event.schema);
    for (const error of ownErrors(contract)) {
      if (error.schema !== undefined) roots.set(`${nameOf(error)}Data`, error.schema);
    }
  }
  const components = collectSchemas(roots, target, [...taken, ...ownNames(contracts, nameOf)]);
  const travelling = (name: string): Travelling => {
    const schema = roots.get(name);
    return {
      schema: Object.hasOwn(components, name) ? { $ref: target.prefix + name } : undefined,
      optional: schema === undefined || mayBeAbsent(schema),
    };
  };
  return {
    contracts,
    components,
    nameOf,
    request: (operation) => travelling(`${pascalCase(nameOf(operation))}Request`),
    response: (operation) => travelling(`${pascalCase(nameOf(operation))}Response`),
    event: (operation) => travelling(`${pascalCase(nameOf(operation))}Event`),
    data: (error) => travelling(`${nameOf(error)}Data`),
  };
}

/** Names of schemas that documents make for errors and for streams. */
function ownNames(contracts: readonly Contract[], nameOf: (part: Named) => string): string[] {
  return contracts.flatMap((contract) => [
    `${nameOf(contract)}EventStream`,
    ...ownErrors(contract).flatMap((error) => [`${nameOf(error)}Problem`, `${nameOf(error)}Error`]),
  ]);
}

/** The errors that a request of the contract may end with. */
export function ownErrors(contract: Contract): ContractError[] {
  return [...new Set([...contract.requests.values()].flatMap(({ errors }) => [...errors.values()]))];
}

/** One contract, or several whose routes and subjects are apart. @throws {TypeError} otherwise */
export function contractList(given: Contract | readonly Contract[]): readonly Contract[] {
  const contracts = "requests" in given ? [given] : [...given];
  if (contracts.length === 0) throw new TypeError("Cannot describe no contract: at least one is wanted");
  const seen = new Set<string>();
  for (const { name, major } of contracts) {
    const key = `${name}.v${major}`;
    if (seen.has(key)) throw new TypeError(`Cannot describe version ${major} of contract "${name}" twice`);
    seen.add(key);
  }
  return contracts;
}

/** The operation that listens to the events of a contract of this name. */
export function streamName(contractName: string): string {
  return `stream${contractName}Events`;
}

/** Where contracts share a name, it is written behind that of the contract; where these share theirs, with its version. */
function nameParts(contracts: readonly Contract[]): ReadonlyMap<Named, string> {
  const wishesFor = (contract: Contract, name: string): [string, string, string] => [
    camelCase(name),
    camelCase(contract.name) + pascalCase(name),
    `${camelCase(contract.name)}V${contract.major}${pascalCase(name)}`,
  ];
  const wishes = <Part extends Named>(
    partsOf: (contract: Contract) => Iterable<Part>,
    wish: (contract: Contract, part: Part) => [string, ...string[]],
  ): Map<Named, [string, ...string[]]> =>
    new Map(
      contracts.flatMap((contract) => [...partsOf(contract)].map((part) => [part, wish(contract, part)] as const)),
    );

  const libraryNames = Object.keys(libraryCodes).map(pascalCase);
  const contractNames = uniqueNames(
    wishes((contract) => [contract], ({ name, major }) => [pascalCase(name), `${pascalCase(name)}V${major}`]),
  );
  const streams = [...contractNames.values()].map(streamName);
  return new Map([
    ...contractNames,
    ...uniqueNames(
      wishes(({ requests }) => requests.values(), (contract, { name }) => wishesFor(contract, name)),
      streams,
    ),
    ...uniqueNames(wishes(({ events }) => events.values(), (contract, { name }) => wishesFor(contract, name))),
    ...uniqueNames(
      wishes(
        ownErrors,
        (contract, { code }) => wishesFor(contract, code).map(pascalCase) as [string, ...string[]],
      ),
      libraryNames,
    ),
  ]);
}
