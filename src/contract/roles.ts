import type { Access, RoleDefinition } from "./definition.ts";

/** Every role with all the roles whose rights it has, itself included. */
export type RoleTable = ReadonlyMap<string, ReadonlySet<string>>;

/** Resolves inheritance once. @throws {TypeError} for an unknown role or a cycle, naming the role */
export function compileRoles(definitions: Readonly<Record<string, RoleDefinition>>): RoleTable {
  const table = new Map<string, ReadonlySet<string>>();
  const resolve = (role: string, path: readonly string[]): ReadonlySet<string> => {
    const known = table.get(role);
    if (known !== undefined) return known;
    if (path.includes(role)) {
      throw new TypeError(`Cannot resolve role "${role}": it inherits itself by ${[...path, role].join(" → ")}`);
    }
    const rights = new Set([role]);
    for (const inherited of definitions[role]?.inherits ?? []) {
      if (!Object.hasOwn(definitions, inherited)) {
        throw new TypeError(`Role "${role}" inherits "${inherited}", which is not a role of the contract`);
      }
      for (const right of resolve(inherited, [...path, role])) rights.add(right);
    }
    table.set(role, rights);
    return rights;
  };
  for (const role of Object.keys(definitions)) resolve(role, []);
  return table;
}

/**
 * Decides whether someone with these roles may use an operation with this access: the one decision that the server,
 * the gateway and the documents share. Unknown roles give no rights.
 */
export function accessDecision(roles: RoleTable, access: Access, held: readonly string[]): boolean {
  if (access === "public") return true;
  return held.some((role) => {
    const rights = roles.get(role);
    return rights !== undefined && access.some((wanted) => rights.has(wanted));
  });
}
