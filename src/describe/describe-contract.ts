import type { Contract, ContractError, EventOperation, RequestOperation } from "../contract/contract.ts";
import { defaultTimeoutMs } from "../contract/default-timeout.ts";
import type { ContractDescription, ErrorDescription, EventDescription } from "./contract-description.ts";
import { describeContracts, type DescribedContracts, ownErrors } from "./described-contracts.ts";

/**
 * A contract as plain JSON, with JSON Schemas of what travels: what a server tells of it when it is asked, and what
 * `compareContracts` takes in place of the contract itself. Never throws.
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract } from "@magicbutton/messaging";
 * import { describeContract } from "@magicbutton/messaging/describe";
 *
 * const clock = createContract({ name: "clock", version: "1.0.0", events: { ticked: v.object({ at: v.number() }) } });
 * const file = JSON.stringify(describeContract(clock)); // kept with the release
 * ```
 */
export function describeContract(contract: Contract): ContractDescription {
  const target = { draft: "draft-2020-12", prefix: schemaPrefix, exact: true } as const;
  const described = describeContracts(contract, { target, taken: [] });
  return {
    format: "magicbutton-contract-1",
    name: contract.name,
    version: contract.version,
    roles: mapped(contract.roles, (rights) => [...rights].sort()),
    errors: mapped(contract.errors, (error) => describeError(described, contract, error)),
    requests: mapped(contract.requests, (operation: RequestOperation) => ({
      request: described.request(operation),
      response: described.response(operation),
      errors: [...operation.errors.keys()],
      access: operation.access,
      idempotent: operation.idempotent,
      timeoutMs: operation.timeoutMs ?? defaultTimeoutMs,
    })),
    events: mapped(contract.events, (operation) => describeEvent(described, operation)),
    schemas: described.components,
  };
}

/** What stands before a schema's name in a reference of a description. */
export const schemaPrefix = "#/schemas/";

function describeError(described: DescribedContracts, contract: Contract, error: ContractError): ErrorDescription {
  const { status, message, retryable } = error;
  const data = ownErrors(contract).includes(error) ? { data: described.data(error) } : {};
  return { status, message, retryable, ...data };
}

function describeEvent(described: DescribedContracts, operation: EventOperation): EventDescription {
  const { template, access, durable } = operation;
  let index = 0;
  // The template writes a subject whose parameters are left open with a star for each.
  const tokens = template.subscribeSubject("", {}).split(".").slice(1);
  const subject = tokens.map((token) => token === "*" ? `{${template.parameters[index++]}}` : token).join(".");
  return { event: described.event(operation), subject, access, ...(durable === undefined ? {} : { durable }) };
}

function mapped<Part, Described>(
  parts: ReadonlyMap<string, Part>,
  describe: (part: Part) => Described,
): Record<string, Described> {
  return Object.fromEntries([...parts].map(([name, part]) => [name, describe(part)]));
}
