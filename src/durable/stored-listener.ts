import type { Contract, EventOperation } from "../contract/contract.ts";
import type { ContractSubjects } from "../contract/subjects.ts";
import type { Logger } from "../logging/logger.ts";
import type { PayloadEncryption } from "../message/payload-encryption.ts";
import type { Clock } from "../transport/clock.ts";
import type { ReplayOptions } from "../transport/event-store.ts";
import type { AnyStoredOptions } from "./durable-options.ts";
import type { StoredEventContext } from "./stored-event-context.ts";
import type { StoredEventFailure } from "./stored-event-failure.ts";

/** What a client listens to stored events with. */
export interface StoredListener {
  /** The contract. */
  readonly contract: Contract;
  /** In front of every subject. */
  readonly namespace: string | undefined;
  /** The contract's subjects with it. */
  readonly subjects: ContractSubjects;
  /** Which event. */
  readonly operation: EventOperation;
  /** What the program asked for, checked. */
  readonly options: AnyStoredOptions;
  /** Takes a checked event. */
  readonly handle: (data: unknown, context: StoredEventContext) => unknown;
  /** Hears of events that could not be handled. Never throws. */
  readonly onError: (error: unknown, failure?: StoredEventFailure) => void;
  /** Who listens, for a transport whose peer asks. */
  readonly token: ReplayOptions["token"];
  /** Opens bodies. */
  readonly encryption: PayloadEncryption | undefined;
  /** Hears of degraded states. */
  readonly logger: Logger;
  /** Time and randomness. */
  readonly clock: Clock;
}
