import type { CheckedConnection, ContractCheck } from "../../client/contract-check.ts";
import { isMessagingError, MessagingError } from "../../errors/messaging-error.ts";
import { compareContracts } from "../compare-contracts.ts";
import type { ContractChange } from "../contract-changes.ts";
import { askServedContracts, type ServedContract } from "./ask-served-contracts.ts";

/**
 * Options of `createContractCheck`.
 *
 * @example
 * ```ts
 * import type { ContractCheckOptions } from "@magicbutton/messaging/describe";
 *
 * const options: ContractCheckOptions = { action: "warn", timeoutMs: 1_000 };
 * ```
 */
export interface ContractCheckOptions {
  /**
   * What follows from a server whose contract lets the client down: `"warn"` writes it to the client's logger and keeps
   * nobody waiting, `"refuse"` lets `connect()` reject.
   */
  readonly action: "warn" | "refuse";
  /** How long servers have for each of two answers, in milliseconds; `"refuse"` waits for it. @default 500 */
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 500;
const maximumTimeoutMs = 10_000;
/** As many changes as an error's text names, and as its data has. */
const maximumNamed = 3;
const maximumListed = 16;

/**
 * Makes a check for a client's `contractCheck`: while it connects it asks the servers of its contract what theirs is, and
 * compares where it is another. A server that adds to the contract lets nobody down; only breaking changes count. Servers
 * tell their contract where they are given `describeContract`. Where nobody is there, or nobody tells, the client connects.
 *
 * Nothing happens on the way of a request. Servers that come later, and other versions after an outage, are not asked.
 * Over NATS a caller needs permission to ask: `brokerPermissions(contract, { …, contractCheck: true })`. A gateway does not
 * pass the question on, so over HTTP `"refuse"` rejects with `UNSUPPORTED`.
 *
 * `connect()` then throws a {@linkcode MessagingError} `UNSUPPORTED` that names the first breaking changes and has them as
 * `data.changes`, or `FORBIDDEN` where the broker does not let the client ask.
 *
 * @throws {TypeError} for options that cannot work
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract, createMessagingClient, createMessagingServer, MemoryTransport } from "@magicbutton/messaging";
 * import { createContractCheck, describeContract } from "@magicbutton/messaging/describe";
 *
 * const clock = createContract({
 *   name: "clock",
 *   version: "1.0.0",
 *   requests: { now: { request: v.object({}), response: v.object({ iso: v.string() }) } },
 * });
 * const transport = new MemoryTransport();
 * const server = createMessagingServer({ contract: clock, transport, describeContract });
 * const client = createMessagingClient({
 *   contract: clock,
 *   transport,
 *   contractCheck: createContractCheck({ action: "refuse" }),
 * });
 * ```
 */
export function createContractCheck(options: ContractCheckOptions): ContractCheck {
  const { action, timeoutMs = defaultTimeoutMs } = options;
  if (action !== "warn" && action !== "refuse") {
    throw new TypeError(`Cannot use \`action\`: "warn" or "refuse" is wanted, current value is ${String(action)}`);
  }
  if (!(timeoutMs > 0 && timeoutMs <= maximumTimeoutMs)) {
    throw new TypeError(
      `Cannot use \`timeoutMs\`: a number over 0 and at most ${maximumTimeoutMs} is wanted, current value is ${timeoutMs}`,
    );
  }
  if (action === "refuse") return (checked) => refuse(checked, timeoutMs);
  return (checked) => {
    void warn(checked, timeoutMs);
    return Promise.resolve();
  };
}

async function refuse(checked: CheckedConnection, timeoutMs: number): Promise<void> {
  let found: MessagingError | undefined;
  try {
    found = await findIncompatibility(checked, timeoutMs);
  } catch (error) {
    if (checked.signal.aborted || isMessagingError(error, "FORBIDDEN")) throw error;
    if (isMessagingError(error, "UNSUPPORTED")) throw cannotAsk(checked, error);
    // Nobody has been found to let the client down; requests say for themselves what fails.
    checked.logger.warn("The servers' contract could not be checked", { contract: checked.contract.name, error });
  }
  if (found !== undefined) throw found;
}

async function warn(checked: CheckedConnection, timeoutMs: number): Promise<void> {
  const { contract: { name: contract }, logger } = checked;
  try {
    const error = await findIncompatibility(checked, timeoutMs);
    if (error !== undefined) logger.warn("The servers' contract is not compatible", { contract, error });
  } catch (error) {
    // A client that leaves before the answer has nothing to be warned of.
    const level = checked.signal.aborted || isMessagingError(error, "DISCONNECTED") ? "debug" : "warn";
    logger[level]("The servers' contract could not be checked", { contract, error });
  }
}

async function findIncompatibility(
  checked: CheckedConnection,
  timeoutMs: number,
): Promise<MessagingError | undefined> {
  const { contract, logger } = checked;
  const { served, otherMajors } = await askServedContracts(checked, timeoutMs);
  if (served.length === 0 && otherMajors.length > 0) {
    const text = `No server has version ${contract.major} of contract "${contract.name}", only ${
      otherMajors.join(", ")
    }`;
    return new MessagingError("UNSUPPORTED", text);
  }
  for (const { version, description } of served) {
    if (description === undefined) {
      logger.warn("A server has another version of the contract and does not tell it", {
        contract: contract.name,
        version,
      });
      continue;
    }
    const { compatible, changes } = compareContracts(contract, description);
    if (!compatible) return incompatible(checked, version, changes.filter(({ severity }) => severity === "breaking"));
  }
  return undefined;
}

function incompatible(
  { contract: { name, version } }: CheckedConnection,
  servedVersion: ServedContract["version"],
  breaking: readonly ContractChange[],
): MessagingError {
  const named = breaking.slice(0, maximumNamed).map(({ text }) => text).join("; ");
  const more = breaking.length > maximumNamed ? ` (and ${breaking.length - maximumNamed} more)` : "";
  return new MessagingError(
    "UNSUPPORTED",
    `Contract "${name}" ${version} cannot be used with a server of ${servedVersion}: ${named}${more}`,
    { data: { changes: breaking.slice(0, maximumListed) } },
  );
}

function cannotAsk({ contract: { name } }: CheckedConnection, cause: MessagingError): MessagingError {
  return new MessagingError(
    "UNSUPPORTED",
    `Cannot check contract "${name}": the transport cannot ask servers for theirs`,
    { cause },
  );
}
