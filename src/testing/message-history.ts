import type { Contract } from "../contract/contract.ts";
import type { MessageLog } from "./message-log.ts";
import type { HistoryEntry, SentAnswers, SentErrors, SentEvents, SentRequests } from "./sent-messages.ts";

/**
 * How much a history holds.
 *
 * @example
 * ```ts
 * import type { HistoryLimits } from "@magicbutton/messaging/testing";
 *
 * const limits: HistoryLimits = { maxMessages: 1_000, maxBytes: 1_048_576 };
 * ```
 */
export interface HistoryLimits {
  /** How many messages; the oldest are forgotten. @default 10000 */
  readonly maxMessages?: number;
  /** How many bytes of bodies; the oldest are forgotten. @default 33554432 */
  readonly maxBytes?: number;
}

/** Every request, answer, error and event that went through a test transport, in order; bounded. */
export interface MessageHistory<C extends Contract = Contract> {
  /** All of it, the oldest first. */
  readonly entries: readonly HistoryEntry<C>[];
  /** The requests that were sent, each attempt by itself. */
  readonly requests: MessageLog<SentRequests<C>>;
  /** The answers that came. */
  readonly answers: MessageLog<SentAnswers<C>>;
  /** The errors that callers were told. */
  readonly errors: MessageLog<SentErrors<C>>;
  /** The events that were broadcast. */
  readonly events: MessageLog<SentEvents<C>>;
  /** How many messages are forgotten because there were more than a history holds. */
  readonly forgotten: number;
  /** Forgets everything; what is on its way is recorded when it ends. Never throws. */
  clear(): void;
}
