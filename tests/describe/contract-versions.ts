import * as v from "valibot";
import { type Contract, createContract, type StandardSchema } from "../../mod.ts";
import type {
  ErrorDefinition,
  EventDefinition,
  RequestDefinition,
  RoleDefinition,
} from "../../src/contract/definition.ts";
import type { ContractChangeCode } from "../../src/describe/mod.ts";

/** Two versions of a contract, and what is to be said of them. */
export interface ContractVersions {
  readonly previous: Contract;
  readonly next: Contract;
  /** The change that must be among those found. */
  readonly code: ContractChangeCode;
}

/** A contract in parts, each with something in it where nothing is given. */
export interface VersionParts {
  readonly name?: string;
  readonly version?: string;
  readonly roles?: Readonly<Record<string, RoleDefinition>>;
  readonly errors?: Readonly<Record<string, ErrorDefinition>>;
  readonly requests?: Readonly<Record<string, RequestDefinition>>;
  readonly events?: Readonly<Record<string, EventDefinition>>;
}

/** A version of a contract. */
export function version(parts: VersionParts): Contract {
  return createContract({ name: "orders", version: "1.0.0", ...parts });
}

const text = v.object({ text: v.string() });
const noErrors = { FULL: { status: 409 } };

/** Two versions of what one request takes. */
export function taking(before: StandardSchema, now: StandardSchema): Omit<ContractVersions, "code"> {
  return asking({ request: before }, { request: now });
}

/** Two versions of what one request is answered with. */
export function answering(before: StandardSchema, now: StandardSchema): Omit<ContractVersions, "code"> {
  return asking({ response: before }, { response: now });
}

/** Two versions of what one event carries. */
export function telling(before: StandardSchema, now: StandardSchema): Omit<ContractVersions, "code"> {
  return {
    previous: version({ events: { moved: { schema: before } } }),
    next: version({ events: { moved: { schema: now } } }),
  };
}

/** Two versions of one request. */
export function asking(
  before: Partial<RequestDefinition>,
  now: Partial<RequestDefinition>,
  parts: VersionParts = { errors: noErrors },
): Omit<ContractVersions, "code"> {
  const request = (own: Partial<RequestDefinition>): VersionParts => ({
    ...parts,
    requests: { place: { request: text, response: text, ...own } },
  });
  return { previous: version(request(before)), next: version(request(now)) };
}

/** Two versions of one event. */
export function sending(
  before: Partial<EventDefinition>,
  now: Partial<EventDefinition>,
): Omit<ContractVersions, "code"> {
  const schema = v.object({ id: v.string(), region: v.string() });
  return {
    previous: version({ events: { moved: { schema, ...before } } }),
    next: version({ events: { moved: { schema, ...now } } }),
  };
}

/** Two versions of one error, which a request may end with. */
export function failing(before: ErrorDefinition, now: ErrorDefinition): Omit<ContractVersions, "code"> {
  const parts = (error: ErrorDefinition): VersionParts => ({
    errors: { FULL: error },
    requests: { place: { request: text, response: text, errors: ["FULL"] } },
  });
  return { previous: version(parts(before)), next: version(parts(now)) };
}

/** Two versions of the roles of a contract, of which the clerk may place orders. */
export function entitling(
  before: Readonly<Record<string, RoleDefinition>>,
  now: Readonly<Record<string, RoleDefinition>>,
): Omit<ContractVersions, "code"> {
  const parts = (roles: Readonly<Record<string, RoleDefinition>>): VersionParts => ({
    roles,
    requests: { place: { request: text, response: text, access: ["clerk"] } },
  });
  return { previous: version(parts(before)), next: version(parts(now)) };
}
