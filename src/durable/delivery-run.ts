import type { Delivery } from "../transport/event-store.ts";
import type { DeathReason } from "./dead-letter-writer.ts";
import type { SettledMemory } from "./settled-memory.ts";
import type { StoredEventFailure } from "./stored-event-failure.ts";
import type { OpenedMessage } from "./stored-event-reader.ts";

/** Where a durable subscription's deliveries come from: its contract's stream, or what is sent to it again. */
export interface DeliverySource {
  /** The stream. */
  readonly stream: string;
  /** Tells what is sent again. */
  readonly sentAgain: boolean;
  /** What is being worked on, by sequence. */
  readonly running: Map<number, DeliveryRun>;
  /** What was decided and not heard by the broker: that it is done, or why it is to be buried. */
  readonly settled: SettledMemory<"done" | DeathReason>;
}

/** The work on one stored event. */
export interface DeliveryRun {
  /** Where it came from. */
  readonly source: DeliverySource;
  /** Its newest delivery: the broker may deliver it anew while it is being worked on. */
  delivery: Delivery;
  /** Which attempt this is, from 1. */
  attempt: number;
  /** Its headers, as soon as they are read. */
  opened: OpenedMessage | undefined;
  /** Its data, read before its turn, for one attempt. */
  prepared: { readonly data: unknown } | undefined;
  /** Why it could not be read before its turn. */
  failure: { readonly error: unknown } | undefined;
  /** Whether its data was read: what fails from then on is the handler. */
  read: boolean;
  /** The lane it is in. */
  key: string | undefined;
  /** Why it becomes a dead letter, as soon as that is decided: its handler does not run again. */
  burial: DeathReason | undefined;
  /** Whether only the broker has to hear of it. */
  done: boolean;
}

/** What is told of an attempt that failed. */
export function failureOf(
  { opened, delivery, attempt }: DeliveryRun,
  { operation, durable }: { readonly operation: { readonly name: string }; readonly durable: string },
  deadLetter: boolean,
): StoredEventFailure {
  const { id, sequence } = opened?.origin ?? { id: undefined, sequence: delivery.sequence };
  return { event: operation.name, durable, id, sequence, attempt, deadLetter };
}
