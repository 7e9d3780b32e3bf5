import type { Access, DurableDefinition } from "../contract/definition.ts";
import type { JsonSchema } from "./json.ts";

/** What travels one way: a body, or nothing. */
export interface BodyDescription {
  /** A reference to one of the description's schemas; absent where nothing ever travels. */
  readonly schema?: JsonSchema | undefined;
  /** Whether nothing may travel. */
  readonly optional: boolean;
}

/** An error of a described contract. */
export interface ErrorDescription {
  /** The HTTP-like status. */
  readonly status: number;
  /** The message a caller reads where the handler gives none. */
  readonly message: string;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  /** What it carries; absent where no request names the error. */
  readonly data?: BodyDescription;
}

/** A request of a described contract. */
export interface RequestDescription {
  /** What the caller sends. */
  readonly request: BodyDescription;
  /** What the handler answers. */
  readonly response: BodyDescription;
  /** Codes of the errors that the handler may throw. */
  readonly errors: readonly string[];
  /** Who may call. */
  readonly access: Access;
  /** Whether running it twice does no harm. */
  readonly idempotent: boolean;
  /** The deadline where the call gives none, in milliseconds. */
  readonly timeoutMs: number;
}

/** An event of a described contract. */
export interface EventDescription {
  /** What it carries. */
  readonly event: BodyDescription;
  /** What stands in the subject behind the event's name, parameters in braces; empty where nothing does. */
  readonly subject: string;
  /** Who may listen. */
  readonly access: Access;
  /** How it is stored; absent where it is not. */
  readonly durable?: DurableDefinition;
}

/**
 * A contract as plain JSON: all that a caller, a subscriber or a comparison can know of it. Kept beside a release, it is
 * what the next one is compared with.
 */
export interface ContractDescription {
  /** Tells it from other documents, and later forms of this one. */
  readonly format: "magicbutton-contract-1";
  /** The contract's name. */
  readonly name: string;
  /** Its semantic version. */
  readonly version: string;
  /** Roles with all the roles whose rights they have, themselves included. */
  readonly roles: Readonly<Record<string, readonly string[]>>;
  /** Errors by code. */
  readonly errors: Readonly<Record<string, ErrorDescription>>;
  /** Requests by name. */
  readonly requests: Readonly<Record<string, RequestDescription>>;
  /** Events by name. */
  readonly events: Readonly<Record<string, EventDescription>>;
  /** What travels, as JSON Schema 2020-12; a schema refers to another as `#/schemas/…`. */
  readonly schemas: Readonly<Record<string, JsonSchema>>;
}
