import type { Contract } from "../contract/contract.ts";
import type { Access } from "../contract/definition.ts";
import { accessDecision } from "../contract/roles.ts";

/** Every role that may use an operation, by itself or by what it inherits; `undefined` where everyone may. */
export function accessRoles(contract: Contract, access: Access): string[] | undefined {
  if (access === "public") return undefined;
  return [...contract.roles.keys()].filter((role) => accessDecision(contract.roles, access, [role]));
}
