import { isLibraryCode } from "../errors/error-codes.ts";
import type { Contract, ContractError, EventOperation, RequestOperation } from "./contract.ts";
import type {
  Access,
  ContractDefinition,
  ErrorDefinition,
  ErrorDefinitions,
  EventDefinition,
  EventDefinitions,
  RequestDefinition,
  RequestDefinitions,
} from "./definition.ts";
import type { CheckedEvents, TypesOf } from "./infer.ts";
import { findJsonObstacle, hasSubjectField } from "./json-input.ts";
import { compileRoles, type RoleTable } from "./roles.ts";
import { isSchema, type StandardSchema } from "./standard-schema.ts";
import { compileSubjectTemplate } from "./subject-template.ts";
import { isToken } from "./token.ts";
import { compileValidator } from "./validator.ts";

/** The semantic versioning grammar, https://semver.org, number parts of at most 9 digits. */
const semanticVersion =
  /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;
const errorCode = /^[A-Z][A-Z0-9_]{0,63}$/;
/** An hour: a longer wait for one answer is not a request. */
const maximumTimeoutMs = 3_600_000;

/**
 * Makes a contract: the requests, events, errors and roles that a client and a server share, typed and checked.
 * It is compiled once and frozen; schemas are Valibot or any Standard Schema.
 *
 * @throws {TypeError} naming the operation, for a contract that cannot work: a bad name or version, an unknown role or
 * error code, a role cycle, a subject parameter that is not in the schema, an operation without `access` in a contract
 * with roles, a schema whose input JSON cannot carry
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract } from "@magicbutton/messaging";
 *
 * export const clock = createContract({
 *   name: "clock",
 *   version: "1.0.0",
 *   requests: { now: { request: v.object({ zone: v.string() }), response: v.object({ iso: v.string() }) } },
 *   events: { ticked: v.object({ at: v.number() }) },
 * });
 * ```
 */
export function createContract<
  const Roles extends string = never,
  const Errors extends ErrorDefinitions = Readonly<Record<never, never>>,
  const Requests extends RequestDefinitions<NoInfer<keyof Errors & string>, NoInfer<Roles>> = Readonly<
    Record<never, never>
  >,
  const Events extends EventDefinitions<NoInfer<Roles>> & CheckedEvents<Events> = Readonly<Record<never, never>>,
>(
  definition: ContractDefinition<Roles, Errors, Requests, Events>,
): Contract<TypesOf<Errors, Requests, Events>> {
  const { name, version } = definition;
  if (typeof name !== "string" || !isToken(name)) {
    throw new TypeError(
      `Cannot name a contract "${String(name).slice(0, 64)}": 1 to 128 letters, digits, "_" or "-" are wanted`,
    );
  }
  const major = typeof version === "string" ? semanticVersion.exec(version)?.[1] : undefined;
  if (major === undefined) {
    throw new TypeError(
      `Contract "${name}" has version "${String(version).slice(0, 64)}": a semantic version such as "1.0.0" is wanted`,
    );
  }
  const prefix = `${name}.v${major}`;
  const roles = compileRoles(definition.roles ?? {});
  const errors = mapOf(definition.errors ?? {}, compileError);
  const requests = mapOf(
    definition.requests ?? {},
    (request, key) => compileRequest(key, request, prefix, roles, errors),
  );
  const events = mapOf(definition.events ?? {}, (event, key) => compileEvent(key, event, prefix, roles));
  checkOneStream(events);
  return Object.freeze({ name, version, major: Number(major), roles, errors, requests, events });
}

function mapOf<Definition, Compiled>(
  definitions: Readonly<Record<string, Definition>>,
  compile: (definition: Definition, name: string) => Compiled,
): ReadonlyMap<string, Compiled> {
  return new Map(Object.entries(definitions).map(([name, definition]) => [name, compile(definition, name)]));
}

function compileError(definition: ErrorDefinition, code: string): ContractError {
  if (!errorCode.test(code)) {
    throw new TypeError(
      `Cannot name an error "${code.slice(0, 64)}": capitals, digits and "_" are wanted, such as "OUT_OF_STOCK"`,
    );
  }
  if (isLibraryCode(code)) throw new TypeError(`Cannot name an error "${code}": the library uses that code itself`);
  const status = definition.status ?? 422;
  if (!Number.isInteger(status) || status < 400 || status > 599) {
    throw new TypeError(`Error "${code}" has status ${status}: 400 to 599 is wanted`);
  }
  if (definition.data !== undefined) checkSchema(definition.data, `the data of error "${code}"`);
  return Object.freeze({
    code,
    status,
    message: definition.message ?? code,
    retryable: definition.retryable ?? false,
    data: definition.data === undefined ? undefined : compileValidator(definition.data),
    schema: definition.data,
    description: definition.description,
  });
}

function compileRequest(
  name: string,
  definition: RequestDefinition,
  prefix: string,
  roles: RoleTable,
  errors: ReadonlyMap<string, ContractError>,
): RequestOperation {
  const label = `request "${name.slice(0, 128)}"`;
  checkName(name, label);
  checkSchema(definition.request, `the request schema of ${label}`);
  checkSchema(definition.response, `the response schema of ${label}`);
  const { timeoutMs } = definition;
  if (timeoutMs !== undefined && !(Number.isFinite(timeoutMs) && timeoutMs > 0 && timeoutMs <= maximumTimeoutMs)) {
    throw new TypeError(
      `The timeoutMs of ${label} is ${timeoutMs}: more than 0 and at most ${maximumTimeoutMs} is wanted`,
    );
  }
  const own = new Map<string, ContractError>();
  for (const code of definition.errors ?? []) {
    const error = errors.get(code);
    if (error === undefined) {
      throw new TypeError(`The ${label} names error "${code}", which is not in the contract's errors`);
    }
    own.set(code, error);
  }
  return Object.freeze({
    kind: "request",
    name,
    subject: `${prefix}.request.${name}`,
    request: compileValidator(definition.request),
    response: compileValidator(definition.response),
    schemas: Object.freeze({ request: definition.request, response: definition.response }),
    errors: own,
    access: checkAccess(definition.access, label, roles),
    idempotent: definition.idempotent ?? false,
    timeoutMs,
    description: definition.description,
  });
}

function compileEvent(
  name: string,
  given: EventDefinition | StandardSchema,
  prefix: string,
  roles: RoleTable,
): EventOperation {
  const label = `event "${name.slice(0, 128)}"`;
  checkName(name, label);
  const definition: EventDefinition = isSchema(given) ? { schema: given } : given;
  checkSchema(definition.schema, `the schema of ${label}`);
  const template = compileSubjectTemplate(name, definition.subject);
  for (const parameter of template.parameters) {
    if (hasSubjectField(definition.schema, parameter) === false) {
      throw new TypeError(
        `The subject of ${label} has the parameter "${parameter}", which is not a string or number field of its schema`,
      );
    }
  }
  const { durable } = definition;
  return Object.freeze({
    kind: "event",
    name,
    subject: `${prefix}.event.${name}`,
    template,
    event: compileValidator(definition.schema),
    schema: definition.schema,
    access: checkAccess(definition.access?.subscribe, label, roles),
    durable: durable ? Object.freeze(durable === true ? {} : { ...durable }) : undefined,
    description: definition.description,
  });
}

const streamLimits = ["maxAgeMs", "maxMessages", "maxBytes", "replicas"] as const;

/** A contract has one stream, so its durable events share one set of limits. */
function checkOneStream(events: ReadonlyMap<string, EventOperation>): void {
  let first: EventOperation | undefined;
  for (const event of events.values()) {
    const limits = event.durable;
    if (limits === undefined || Object.keys(limits).length === 0) continue;
    for (const limit of streamLimits) {
      const value = limits[limit];
      if (value !== undefined && !(Number.isSafeInteger(value) && value > 0)) {
        throw new TypeError(
          `The ${limit} of event "${event.name}" is ${String(value)}: a whole number over 0 is wanted`,
        );
      }
      if (first?.durable !== undefined && first.durable[limit] !== value) {
        throw new TypeError(
          `The ${limit} of events "${first.name}" and "${event.name}" differ: a contract's durable events are in one stream, so they have the same limits`,
        );
      }
    }
    first ??= event;
  }
}

function checkName(name: string, label: string): void {
  if (!isToken(name)) {
    throw new TypeError(`Cannot use the name of ${label}: 1 to 128 letters, digits, "_" or "-" are wanted`);
  }
}

function checkSchema(schema: unknown, label: string): asserts schema is StandardSchema {
  if (!isSchema(schema)) {
    throw new TypeError(`Cannot use ${label}: a Valibot schema or another Standard Schema is wanted`);
  }
  const obstacle = findJsonObstacle(schema);
  if (obstacle !== undefined) {
    const where = obstacle.path === "" ? "" : ` at "${obstacle.path}"`;
    throw new TypeError(
      `Cannot use ${label}: JSON cannot carry ${obstacle.type}${where}; use ${obstacle.instead} instead`,
    );
  }
}

function checkAccess(access: Access | undefined, label: string, roles: RoleTable): Access {
  if (access === undefined) {
    if (roles.size > 0) {
      throw new TypeError(
        `The ${label} has no access: in a contract with roles each operation says who may use it, or "public"`,
      );
    }
    return "public";
  }
  if (access === "public") return access;
  if (!Array.isArray(access) || access.length === 0) {
    throw new TypeError(`The access of ${label} is no list of roles: role names in a list or "public" are wanted`);
  }
  for (const role of access as readonly string[]) {
    if (!roles.has(role)) throw new TypeError(`The ${label} names role "${role}", which is not a role of the contract`);
  }
  return Object.freeze([...access]);
}
