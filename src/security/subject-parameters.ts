import type { Contract } from "../contract/contract.ts";
import type { SubjectTemplate } from "../contract/subject-template.ts";
import { encodeToken } from "../contract/token.ts";

/** Values for subject parameters by name: text or a number, or a NATS permission template such as `{{tag(tenant)}}`. */
export type SubjectParameters = Readonly<Record<string, string | number>>;

/** The template functions of nats-server (`processUserPermissionsTemplate`): each fills one subject token. */
const permissionTemplate =
  /^\{\{(?:name\(\)|subject\(\)|account-name\(\)|account-subject\(\)|(?:account-)?tag\([A-Za-z0-9_-]{1,64}\))\}\}$/;

/** Tells whether a NATS server fills this in by itself, from the user's JWT. */
export function isPermissionTemplate(text: string): boolean {
  return permissionTemplate.test(text);
}

/**
 * The subject of an event with these parameters fixed and `*` for the others.
 *
 * @throws {TypeError} for a value that cannot be a subject token
 */
export function fixSubjectParameters(prefix: string, template: SubjectTemplate, params: SubjectParameters): string {
  let index = 0;
  return template.subscribeSubject(prefix, {}).split(".").map((token) => {
    if (token !== "*") return token;
    const name = template.parameters[index++]!;
    return Object.hasOwn(params, name) ? parameterToken(name, params[name]!) : token;
  }).join(".");
}

/**
 * Gives each contract those of the parameters that its events have.
 *
 * @throws {TypeError} for a parameter that no event has: it would fix nothing and let every tenant in
 */
export function shareParameters(
  contracts: readonly Contract[],
  params: SubjectParameters,
): (contract: Contract) => SubjectParameters {
  const namesOf = (contract: Contract): Set<string> =>
    new Set([...contract.events.values()].flatMap(({ template }) => template.parameters));
  const all = contracts.map(namesOf);
  const unknown = Object.keys(params).find((name) => !all.some((names) => names.has(name)));
  if (unknown !== undefined) {
    throw new TypeError(`No event has the subject parameter "${unknown.slice(0, 64)}"`);
  }
  return (contract) => {
    const names = namesOf(contract);
    return Object.fromEntries(Object.entries(params).filter(([name]) => names.has(name)));
  };
}

function parameterToken(name: string, value: string | number): string {
  if (typeof value === "string" && isPermissionTemplate(value)) return value;
  const text = typeof value === "number" && Number.isFinite(value) ? String(value) : value;
  const token = typeof text === "string" ? encodeToken(text) : undefined;
  if (token === undefined) {
    throw new TypeError(
      `Cannot fix the subject parameter "${name}": a string of 1 to 128 characters when escaped, or a finite number, is wanted`,
    );
  }
  return token;
}
