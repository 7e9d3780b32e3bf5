import type { Access, DurableDefinition } from "./definition.ts";
import type { ContractTypes } from "./contract-types.ts";
import type { RoleTable } from "./roles.ts";
import type { StandardSchema } from "./standard-schema.ts";
import type { SubjectTemplate } from "./subject-template.ts";
import type { Validator } from "./validator.ts";

/**
 * A compiled contract: what `createContract` gives and every client and server takes.
 * Its types travel in a phantom property, so that a hover shows plain objects.
 */
export interface Contract<Types extends ContractTypes = ContractTypes> {
  /** The contract's name, the first token of its subjects. */
  readonly name: string;
  /** Semantic version. */
  readonly version: string;
  /** The version's major number, part of every subject. */
  readonly major: number;
  /** Roles with what they inherit; empty where the contract has none. */
  readonly roles: RoleTable;
  /** Errors by code. */
  readonly errors: ReadonlyMap<string, ContractError>;
  /** Requests by name. */
  readonly requests: ReadonlyMap<string, RequestOperation>;
  /** Events by name. */
  readonly events: ReadonlyMap<string, EventOperation>;
  /** Exists in types only. */
  readonly "~types"?: Types;
}

/** An error of a contract, compiled. */
export interface ContractError {
  /** The code a program decides by. */
  readonly code: string;
  /** The HTTP-like status. */
  readonly status: number;
  /** The message a caller reads where the handler gives none. */
  readonly message: string;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  /** Checks the error's data; absent where the error has none. */
  readonly data: Validator | undefined;
  /** The schema behind `data`. */
  readonly schema: StandardSchema | undefined;
  /** What the error means, in words. */
  readonly description: string | undefined;
}

/** A request of a contract, compiled. */
export interface RequestOperation {
  /** Tells it from an event. */
  readonly kind: "request";
  /** The request's name. */
  readonly name: string;
  /** Without a namespace. */
  readonly subject: string;
  /** Checks what the caller sends. */
  readonly request: Validator;
  /** Checks what the handler answers. */
  readonly response: Validator;
  /** The schemas behind both. */
  readonly schemas: { readonly request: StandardSchema; readonly response: StandardSchema };
  /** Errors the handler may throw, by code. */
  readonly errors: ReadonlyMap<string, ContractError>;
  /** Who may call. */
  readonly access: Access;
  /** Whether running it twice does no harm. */
  readonly idempotent: boolean;
  /** The contract's own deadline in milliseconds, where it gives one. */
  readonly timeoutMs: number | undefined;
  /** What the request does, in words. */
  readonly description: string | undefined;
}

/** An event of a contract, compiled. */
export interface EventOperation {
  /** Tells it from a request. */
  readonly kind: "event";
  /** The event's name. */
  readonly name: string;
  /** Without a namespace and without parameters. */
  readonly subject: string;
  /** Fills and reads the subject's parameters. */
  readonly template: SubjectTemplate;
  /** Checks what is broadcast. */
  readonly event: Validator;
  /** The schema behind it. */
  readonly schema: StandardSchema;
  /** Who may listen. */
  readonly access: Access;
  /** How it is stored; absent where it is not. */
  readonly durable: DurableDefinition | undefined;
  /** What the event tells, in words. */
  readonly description: string | undefined;
}
