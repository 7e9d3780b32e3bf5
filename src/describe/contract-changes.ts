/** What has changed, as a program reads it. */
export type ContractChangeCode =
  | "CONTRACT_RENAMED"
  | "MAJOR_VERSION_CHANGED"
  | "VERSION_CHANGED"
  | "ROLE_REMOVED"
  | "ROLE_ADDED"
  | "ROLE_REDUCED"
  | "ROLE_EXTENDED"
  | "ERROR_REMOVED"
  | "ERROR_ADDED"
  | "ERROR_STATUS_CHANGED"
  | "ERROR_RETRYABLE_CHANGED"
  | "ERROR_MESSAGE_CHANGED"
  | "ERROR_DATA_WIDENED"
  | "ERROR_DATA_NARROWED"
  | "REQUEST_REMOVED"
  | "REQUEST_ADDED"
  | "REQUEST_NARROWED"
  | "REQUEST_WIDENED"
  | "RESPONSE_WIDENED"
  | "RESPONSE_NARROWED"
  | "IDEMPOTENT_REMOVED"
  | "IDEMPOTENT_ADDED"
  | "TIMEOUT_SHORTENED"
  | "TIMEOUT_LENGTHENED"
  | "ACCESS_NARROWED"
  | "ACCESS_WIDENED"
  | "EVENT_REMOVED"
  | "EVENT_ADDED"
  | "EVENT_WIDENED"
  | "EVENT_NARROWED"
  | "STORED_EVENT_REFUSED"
  | "SUBJECT_CHANGED"
  | "DURABLE_REMOVED"
  | "DURABLE_ADDED"
  | "RETENTION_SHORTENED"
  | "RETENTION_CHANGED"
  | "STREAM_LIMITS_CHANGED"
  | "NOT_COMPARED";

/** One thing that is different in the next version of a contract. */
export interface ContractChange {
  /** The name of the request, event or role, the code of the error, or the contract's own name. */
  readonly operation: string;
  /** What that is. */
  readonly kind: "request" | "event" | "error" | "role" | "contract";
  /** Whether those who hold to the previous version are let down by it. */
  readonly severity: "breaking" | "compatible";
  /** What has changed, as a program reads it. */
  readonly code: ContractChangeCode;
  /** What has changed, as a sentence without a full stop. */
  readonly text: string;
}

/** What `compareContracts` finds. */
export interface ContractComparison {
  /** Whether clients and subscribers of the previous version go on working with the next. */
  readonly compatible: boolean;
  /** What has changed, breaking changes first; empty where nothing has. */
  readonly changes: readonly ContractChange[];
}
