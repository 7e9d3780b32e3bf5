import type { Access } from "../../contract/definition.ts";
import type { ContractChange } from "../contract-changes.ts";
import type { ContractDescription } from "../contract-description.ts";

/** What has changed of who may use an operation. Roles that are gone are told of as roles. */
export function accessChanges(
  of: Pick<ContractChange, "operation" | "kind">,
  before: { readonly contract: ContractDescription; readonly access: Access },
  now: { readonly contract: ContractDescription; readonly access: Access },
): readonly ContractChange[] {
  const change = (severity: ContractChange["severity"], text: string): ContractChange => ({
    ...of,
    severity,
    code: severity === "breaking" ? "ACCESS_NARROWED" : "ACCESS_WIDENED",
    text: `${of.kind === "request" ? "Request" : "Event"} "${of.operation}" ${text}`,
  });
  if (before.access === "public" && now.access === "public") return [];
  if (before.access === "public") return [change("breaking", "is not open to everyone any more")];
  if (now.access === "public") return [change("compatible", "is open to everyone")];
  const [had, have] = [allowed(before.contract, before.access), allowed(now.contract, now.access)];
  const lost = had.filter((role) => Object.hasOwn(now.contract.roles, role) && !have.includes(role));
  const gained = have.filter((role) => !had.includes(role));
  return [
    ...lost.length === 0 ? [] : [change("breaking", `is not open any more to ${lost.join(", ")}`)],
    ...gained.length === 0 ? [] : [change("compatible", `is open to ${gained.join(", ")} now`)],
  ];
}

/** What has changed of roles themselves. */
export function roleChanges(previous: ContractDescription, next: ContractDescription): readonly ContractChange[] {
  const of = (operation: string, rest: Omit<ContractChange, "operation" | "kind">): ContractChange => ({
    operation,
    kind: "role",
    ...rest,
  });
  const changes: ContractChange[] = [];
  for (const [role, rights] of Object.entries(previous.roles)) {
    if (!Object.hasOwn(next.roles, role)) {
      changes.push(of(role, { severity: "breaking", code: "ROLE_REMOVED", text: `Role "${role}" is gone` }));
      continue;
    }
    const kept = next.roles[role]!;
    const lost = rights.filter((right) => !kept.includes(right));
    const gained = kept.filter((right) => !rights.includes(right));
    if (lost.length > 0) {
      const text = `Role "${role}" has no longer the rights of ${lost.join(", ")}`;
      changes.push(of(role, { severity: "breaking", code: "ROLE_REDUCED", text }));
    }
    if (gained.length > 0) {
      const text = `Role "${role}" has the rights of ${gained.join(", ")} now`;
      changes.push(of(role, { severity: "compatible", code: "ROLE_EXTENDED", text }));
    }
  }
  for (const role of Object.keys(next.roles)) {
    if (Object.hasOwn(previous.roles, role)) continue;
    changes.push(of(role, { severity: "compatible", code: "ROLE_ADDED", text: `Role "${role}" is new` }));
  }
  return changes;
}

function allowed({ roles }: ContractDescription, access: readonly string[]): readonly string[] {
  return Object.entries(roles).filter(([, rights]) => rights.some((right) => access.includes(right))).map(([role]) =>
    role
  );
}
