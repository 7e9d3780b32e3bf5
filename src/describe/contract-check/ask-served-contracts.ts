import type { CheckedConnection } from "../../client/contract-check.ts";
import { contractHash } from "../../contract/contract-hash.ts";
import { decodeBody } from "../../message/json-codec.ts";
import { createIdentifierSource, requestIdLength } from "../../transport/identifiers.ts";
import type { ContractDescription } from "../contract-description.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import { readContractDescription } from "../read-contract-description.ts";

/** A contract that servers have, other than the client's own. */
export interface ServedContract {
  /** The version that its servers name. */
  readonly version: string;
  /** What it is; absent where its servers do not tell. */
  readonly description: ContractDescription | undefined;
}

/** What servers of a contract's name answered. */
export interface ServedContracts {
  /** Contracts of the client's own major version, each once; one that is the same as the client's has no description. */
  readonly served: readonly ServedContract[];
  /** Other versions whose subjects are others. */
  readonly otherMajors: readonly string[];
}

interface Instance {
  readonly id: string;
  readonly version: string;
  readonly hash: string;
  readonly major: string;
}

/** So many versions of one contract are running at once, where someone means it. */
const maximumContracts = 4;
const maximumInstances = 256;
const safeText = /^[\w.+:-]{1,128}$/;
const noBody = new Uint8Array(0);

/**
 * Asks the servers of a contract's name what they serve, and those whose contract has another hash what it is.
 *
 * @throws {MessagingError} as `TransportConnection.requestMany` does
 */
export async function askServedContracts(checked: CheckedConnection, timeoutMs: number): Promise<ServedContracts> {
  const { contract } = checked;
  const hash = await contractHash(contract);
  const answers = await ask(checked, `$SRV.INFO.${contract.name}`, timeoutMs, maximumInstances);
  const instances = answers.map((answer) => readInstance(answer, checked)).filter((instance) => instance !== undefined);
  const [own, others] = [
    instances.filter(({ major }) => major === String(contract.major)),
    instances.filter(({ major }) => major !== String(contract.major)),
  ];
  const different = new Map(
    own.filter((instance) => instance.hash !== hash).map((instance) => [instance.hash, instance]),
  );
  const served = await Promise.all(
    [...different.values()].slice(0, maximumContracts).map(async ({ id, version }) => ({
      version,
      description: await askDescription(checked, id, timeoutMs),
    })),
  );
  return { served, otherMajors: own.length > 0 ? [] : [...new Set(others.map(({ version }) => version))].slice(0, 4) };
}

async function askDescription(
  checked: CheckedConnection,
  id: string,
  timeoutMs: number,
): Promise<ContractDescription | undefined> {
  const [answer] = await ask(checked, `$SRV.SCHEMA.${checked.contract.name}.${id}`, timeoutMs, 1);
  if (!isJsonObject(answer)) return undefined;
  try {
    return readContractDescription(answer["contract"]);
  } catch (error) {
    checked.logger.debug("The contract of a server could not be read", { contract: checked.contract.name, id, error });
    return undefined;
  }
}

async function ask(
  { connection, signal, clock, logger, contract }: CheckedConnection,
  subject: string,
  timeoutMs: number,
  limit: number,
): Promise<readonly unknown[]> {
  const requestId = createIdentifierSource(clock).next(requestIdLength);
  const operation = `contract check of ${contract.name}`;
  const messages = await connection.requestMany(subject, noBody, { requestId, timeoutMs, operation, signal, limit });
  return messages.map(({ body }) => {
    try {
      return decodeBody(body);
    } catch (error) {
      logger.debug("An answer about a contract could not be read", { contract: contract.name, error });
      return undefined;
    }
  });
}

/** What one server says of itself, as far as it is one of ours and of this deployment: anybody may have answered. */
function readInstance(answer: unknown, { contract, namespace }: CheckedConnection): Instance | undefined {
  if (!isJsonObject(answer) || answer["name"] !== contract.name || !isJsonObject(answer["metadata"])) return undefined;
  const metadata: JsonObject = answer["metadata"];
  const [id, version] = [answer["id"], answer["version"]];
  const [hash, major] = [metadata["contract-hash"], metadata["contract-major"]];
  if (metadata["namespace"] !== namespace) return undefined;
  return isSafe(id) && isSafe(version) && isSafe(hash) && isSafe(major) ? { id, version, hash, major } : undefined;
}

function isSafe(value: unknown): value is string {
  return typeof value === "string" && safeText.test(value);
}
