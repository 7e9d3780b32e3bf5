import type { Contract } from "../contract/contract.ts";
import type { Logger } from "../logging/logger.ts";
import type { Clock } from "../transport/clock.ts";
import type { TransportConnection } from "../transport/transport.ts";

/** A connection whose servers are to be asked for their contract. */
export interface CheckedConnection {
  /** What the client holds to. */
  readonly contract: Contract;
  /** The deployment's tokens in front of every subject; absent where there are none. */
  readonly namespace: string | undefined;
  /** The client's share of its transport's connection, which is open. */
  readonly connection: TransportConnection;
  /** Aborts when nobody waits for the connection any longer. */
  readonly signal: AbortSignal;
  /** Time and randomness. */
  readonly clock: Clock;
  /** Hears what is found, and what could not be asked. */
  readonly logger: Logger;
}

/**
 * Asks servers for their contract while a client connects. `connect()` waits for it, so it is bounded; what it throws,
 * `connect()` rejects with.
 *
 * @example
 * ```ts
 * import { createContractCheck } from "@magicbutton/messaging/describe";
 * import type { ContractCheck } from "@magicbutton/messaging";
 *
 * const contractCheck: ContractCheck = createContractCheck({ action: "refuse" });
 * ```
 */
export type ContractCheck = (checked: CheckedConnection) => Promise<void>;
