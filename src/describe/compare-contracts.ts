import type { Contract } from "../contract/contract.ts";
import { roleChanges } from "./comparison/access-changes.ts";
import { BodyComparison } from "./comparison/body-changes.ts";
import { errorChanges } from "./comparison/error-changes.ts";
import { eventChanges } from "./comparison/event-changes.ts";
import { requestChanges } from "./comparison/request-changes.ts";
import { streamChanges } from "./comparison/stream-changes.ts";
import type { ContractChange, ContractComparison } from "./contract-changes.ts";
import type { ContractDescription } from "./contract-description.ts";
import { describeContract } from "./describe-contract.ts";
import { readContractDescription } from "./read-contract-description.ts";

/**
 * Finds what is different in the next version of a contract, and whether it lets down those who hold to the previous one:
 * callers send what the previous version takes and understand what it answers; subscribers understand its events.
 *
 * So a request may take more and not less, a response and an event may be less and not more. Schemas are compared as far
 * as JSON Schema tells them: what it cannot tell counts as breaking only where that has visibly changed. What an object
 * does not name is not sent, so a new optional field breaks nobody; an object that begins to refuse such fields does.
 * Stored events are read by both versions, so a durable event may become neither more nor less.
 *
 * @param previous the contract, or its description as JSON, that clients have
 * @param next the one that servers are to have
 * @throws {TypeError} for a description that is none
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract } from "@magicbutton/messaging";
 * import { compareContracts, describeContract } from "@magicbutton/messaging/describe";
 *
 * const request = v.object({ sku: v.string() });
 * const released = createContract({
 *   name: "orders",
 *   version: "1.0.0",
 *   requests: { find: { request, response: v.object({ total: v.number() }) } },
 * });
 * const file = JSON.stringify(describeContract(released)); // kept with the release
 *
 * const next = createContract({
 *   name: "orders",
 *   version: "1.1.0",
 *   requests: { find: { request, response: v.object({ total: v.string() }) } },
 * });
 * const { compatible, changes } = compareContracts(JSON.parse(file), next);
 * console.log(compatible); // false
 * for (const { severity, text } of changes) console.log(severity, text);
 * ```
 */
export function compareContracts(
  previous: Contract | ContractDescription,
  next: Contract | ContractDescription,
): ContractComparison {
  const [before, now] = [descriptionOf(previous), descriptionOf(next)];
  const bodies = new BodyComparison(before, now);
  const changes = [
    ...identityChanges(before, now),
    ...roleChanges(before, now),
    ...requestChanges(before, now, bodies),
    ...eventChanges(before, now, bodies),
    ...streamChanges(before, now),
    ...errorChanges(before, now, bodies),
  ];
  const breaking = changes.filter(({ severity }) => severity === "breaking");
  return {
    compatible: breaking.length === 0,
    changes: [...breaking, ...changes.filter(({ severity }) => severity === "compatible")],
  };
}

function descriptionOf(given: Contract | ContractDescription): ContractDescription {
  return isCompiled(given) ? describeContract(given) : readContractDescription(given);
}

/** Of what JSON carries, no part is a map. */
function isCompiled(given: Contract | ContractDescription): given is Contract {
  return (given as Contract | null)?.requests instanceof Map;
}

function identityChanges(previous: ContractDescription, next: ContractDescription): readonly ContractChange[] {
  const of = { operation: previous.name, kind: "contract" } as const;
  const changes: ContractChange[] = [];
  if (previous.name !== next.name) {
    const text = `Contract "${previous.name}" is called "${next.name}": every subject is another`;
    changes.push({ ...of, severity: "breaking", code: "CONTRACT_RENAMED", text });
  }
  const [before, now] = [previous, next].map(({ version }) => Number.parseInt(version));
  if (before !== now) {
    const text = `Version ${previous.version} is followed by ${next.version}: every subject is another`;
    changes.push({ ...of, severity: "breaking", code: "MAJOR_VERSION_CHANGED", text });
  } else if (previous.version !== next.version) {
    const text = `Version ${previous.version} is followed by ${next.version}`;
    changes.push({ ...of, severity: "compatible", code: "VERSION_CHANGED", text });
  }
  return changes;
}
