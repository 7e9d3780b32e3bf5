/** The types of one request, on each side of each schema. */
export interface RequestTypes {
  /** What the caller passes. */
  readonly input: unknown;
  /** What the handler gets. */
  readonly received: unknown;
  /** What the handler returns. */
  readonly returned: unknown;
  /** What the caller gets. */
  readonly output: unknown;
  /** The data a handler gives each error the contract names for it, by code. */
  readonly errors: Readonly<Record<string, unknown>>;
  /** The data a caller gets with each of these errors, by code. */
  readonly failures: Readonly<Record<string, unknown>>;
}

/** The types of one event, on each side. */
export interface EventTypes {
  /** What is broadcast. */
  readonly input: unknown;
  /** What a subscriber gets. */
  readonly output: unknown;
  /** The subject parameters a subscription may fix. */
  readonly params: Readonly<Record<string, string | number>>;
  /** Whether it is stored. */
  readonly durable: boolean;
}

/** All the types of a contract; `Contract["~types"]` carries them. */
export interface ContractTypes {
  /** By request name. */
  readonly requests: Readonly<Record<string, RequestTypes>>;
  /** By event name. */
  readonly events: Readonly<Record<string, EventTypes>>;
}
