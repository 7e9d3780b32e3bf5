import type { StandardSchema } from "./standard-schema.ts";

/** Who may use an operation: role names of the contract, or everyone. */
export type Access<Role extends string = string> = "public" | readonly Role[];

/**
 * A role of a contract.
 *
 * @example
 * ```ts
 * import type { RoleDefinition } from "@magicbutton/messaging";
 *
 * const manager: RoleDefinition = { inherits: ["clerk"], description: "Approves orders" };
 * ```
 */
export interface RoleDefinition<Role extends string = string> {
  /** Roles whose rights this one has too. */
  readonly inherits?: readonly Role[];
  /** What the role is for, in words. */
  readonly description?: string;
}

/**
 * An error that a request of the contract may end with.
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import type { ErrorDefinition } from "@magicbutton/messaging";
 *
 * const outOfStock: ErrorDefinition = { status: 409, message: "Not enough stock", data: v.object({ sku: v.string() }) };
 * ```
 */
export interface ErrorDefinition {
  /** The HTTP-like status. @default 422 */
  readonly status?: number;
  /** The message a caller reads where the handler gives none. @default the code */
  readonly message?: string;
  /** Whether the same call may succeed later without a change. @default false */
  readonly retryable?: boolean;
  /** The shape of the error's `data`. @default no data */
  readonly data?: StandardSchema;
  /** What the error means, in words. */
  readonly description?: string;
}

/**
 * A request of a contract: one question, exactly one answer.
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import type { RequestDefinition } from "@magicbutton/messaging";
 *
 * const find: RequestDefinition = {
 *   request: v.object({ id: v.string() }),
 *   response: v.object({ total: v.number() }),
 *   idempotent: true,
 *   timeoutMs: 2_000,
 * };
 * ```
 */
export interface RequestDefinition<Code extends string = string, Role extends string = string> {
  /** What the caller sends. */
  readonly request: StandardSchema;
  /** What the handler answers. */
  readonly response: StandardSchema;
  /** Codes of the contract's `errors` that the handler may throw. @default none */
  readonly errors?: readonly Code[];
  /** Who may call. Required in a contract with roles. @default "public" */
  readonly access?: Access<Role>;
  /** Whether running it twice does no harm; only an idempotent request is ever sent twice. @default false */
  readonly idempotent?: boolean;
  /** The deadline, in milliseconds, where the call gives none. @default 5000 */
  readonly timeoutMs?: number;
  /** What the request does, in words. */
  readonly description?: string;
}

/**
 * How a durable event is stored.
 *
 * @example
 * ```ts
 * import type { DurableDefinition } from "@magicbutton/messaging";
 *
 * const week: DurableDefinition = { maxAgeMs: 7 * 86_400_000, replicas: 3 };
 * ```
 */
export interface DurableDefinition {
  /** How long an event is kept, in milliseconds. */
  readonly maxAgeMs?: number;
  /** How many events are kept. */
  readonly maxMessages?: number;
  /** How many bytes are kept. */
  readonly maxBytes?: number;
  /** On how many servers of a cluster each event stands. */
  readonly replicas?: number;
}

/**
 * An event of a contract: told to everyone who listens.
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import type { EventDefinition } from "@magicbutton/messaging";
 *
 * const orderMoved: EventDefinition = {
 *   schema: v.object({ id: v.string(), region: v.string() }),
 *   subject: "{region}.{id}",
 *   durable: true,
 * };
 * ```
 */
export interface EventDefinition<Role extends string = string> {
  /** What the event carries. */
  readonly schema: StandardSchema;
  /** Subject parameters, such as `"{region}.{id}"`: each a string or number field of the schema. @default none */
  readonly subject?: string;
  /** Who may listen. Required in a contract with roles. @default { subscribe: "public" } */
  readonly access?: { readonly subscribe: Access<Role> };
  /** Whether the event is stored and delivered at least once. @default false */
  readonly durable?: boolean | DurableDefinition;
  /** What the event tells, in words. */
  readonly description?: string;
}

/** The requests of a contract by name. */
export type RequestDefinitions<Code extends string = string, Role extends string = string> = Readonly<
  Record<string, RequestDefinition<Code, Role>>
>;

/** The events of a contract by name; a bare schema is the short form. */
export type EventDefinitions<Role extends string = string> = Readonly<
  Record<string, EventDefinition<Role> | StandardSchema>
>;

/** The roles of a contract by name. */
export type RoleDefinitions<Role extends string = string> = Readonly<Record<Role, RoleDefinition<NoInfer<Role>>>>;

/** The errors of a contract by code. */
export type ErrorDefinitions<Code extends string = string> = Readonly<Record<Code, ErrorDefinition>>;

/**
 * What `createContract` takes.
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract } from "@magicbutton/messaging";
 *
 * const orders = createContract({
 *   name: "orders",
 *   version: "1.0.0",
 *   roles: { clerk: {} },
 *   errors: { OUT_OF_STOCK: { status: 409 } },
 *   requests: {
 *     place: {
 *       request: v.object({ sku: v.string() }),
 *       response: v.object({ id: v.string() }),
 *       errors: ["OUT_OF_STOCK"],
 *       access: ["clerk"],
 *     },
 *   },
 *   events: { placed: { schema: v.object({ id: v.string() }), access: { subscribe: "public" } } },
 * });
 * ```
 */
export interface ContractDefinition<
  Roles extends string,
  Errors extends ErrorDefinitions,
  Requests extends RequestDefinitions,
  Events extends EventDefinitions,
> {
  /** A subject token: letters, digits, `_` and `-`. */
  readonly name: string;
  /** Semantic version; the major number is part of every subject. */
  readonly version: string;
  /** Once a contract has roles, every operation must say who may use it. @default none */
  readonly roles?: RoleDefinitions<Roles>;
  /** Errors that requests may name. @default none */
  readonly errors?: Errors;
  /** Requests by name. @default none */
  readonly requests?: Requests;
  /** Events by name. @default none */
  readonly events?: Events;
}
