import type { Contract } from "../contract/contract.ts";
import type { DurableEventName, InferContract, InferEvent, SubjectFields } from "../contract/infer.ts";
import type { MessagingError } from "../errors/messaging-error.ts";
import type { ReadingState } from "../transport/event-store.ts";
import type { StoredEventContext } from "./stored-event-context.ts";
import type { StoredEventFailure } from "./stored-event-failure.ts";

/** Where reading a stream begins: with what is published from now on, with all, at a time, or at a sequence. */
export type EventPosition = "new" | "all" | Date | number;

/**
 * Options of `subscribe` for a durable subscription.
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract, type DurableSubscribeOptions } from "@magicbutton/messaging";
 *
 * const orders = createContract({
 *   name: "orders",
 *   version: "1.0.0",
 *   events: { orderPaid: { schema: v.object({ id: v.string() }), durable: true } },
 * });
 * const options: DurableSubscribeOptions<typeof orders, "orderPaid"> = {
 *   durable: "billing",
 *   from: "all",
 *   concurrency: 8,
 *   maxAttempts: 3,
 * };
 * ```
 */
export interface DurableSubscribeOptions<C extends Contract, Name extends DurableEventName<C>> {
  /** The subscription's name: instances with one name share the events, and it goes on where they left off. */
  readonly durable: string;
  /** Where it begins when there was none of its name; one that is there goes on where it stands. @default "new" */
  readonly from?: EventPosition;
  /** Only events with these subject parameters; the broker filters. One name has one filter. @default all */
  readonly params?: Partial<InferContract<C>["events"][Name]["params"]>;
  /** How many handlers run at once. @default 1 */
  readonly concurrency?: number;
  /** How often an event is delivered before it becomes a dead letter, the first time included. @default 5 */
  readonly maxAttempts?: number;
  /**
   * How long to wait before each further attempt, in milliseconds, the last for all that follow; up to a fifth longer, so
   * that events that failed together do not come back together. @default 100 doubled each time up to 30000
   */
  readonly backoffMs?: readonly number[];
  /**
   * Events with one value of this field are handled one after another, across failures and instances; others beside them.
   * One instance of the name works at a time, the next one takes over. @default no order
   */
  readonly orderedBy?: SubjectFields<InferEvent<C, Name>>;
  /** How long the broker waits for a sign of life of a handler before it delivers the event anew, in milliseconds. @default 30000 */
  readonly ackWaitMs?: number;
  /** Hears of every attempt that failed, of which event, and whether it becomes a dead letter. @default the logger */
  readonly onError?: StoredErrorListener;
}

/**
 * Options of `subscribe` for reading stored events alone, in order, without a trace at the broker.
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract, type ReplaySubscribeOptions } from "@magicbutton/messaging";
 *
 * const orders = createContract({
 *   name: "orders",
 *   version: "1.0.0",
 *   events: { orderPaid: { schema: v.object({ id: v.string() }), durable: true } },
 * });
 * const options: ReplaySubscribeOptions<typeof orders, "orderPaid"> = { from: new Date(2026, 10, 24) };
 * ```
 */
export interface ReplaySubscribeOptions<C extends Contract, Name extends DurableEventName<C>> {
  /** Where it begins; after an outage it goes on behind the last event it handed on. */
  readonly from: EventPosition;
  /** Not here: with a name it is a durable subscription. */
  readonly durable?: undefined;
  /** Only events with these subject parameters; the broker filters. @default all */
  readonly params?: Partial<InferContract<C>["events"][Name]["params"]>;
  /** Hears of events that could not be handled; they do not come again. @default the logger */
  readonly onError?: StoredErrorListener;
  /** Hears that events are missing: the stream no longer had what it was to go on with. @default nobody */
  readonly onGap?: (gap: { readonly reason: "reset"; readonly missed: undefined }) => unknown;
}

/**
 * Handles a stored event. It is acknowledged when the promise resolves; what it throws makes the event come again.
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract, type StoredEventHandler } from "@magicbutton/messaging";
 *
 * const orders = createContract({
 *   name: "orders",
 *   version: "1.0.0",
 *   events: { orderPaid: { schema: v.object({ id: v.string() }), durable: true } },
 * });
 * const handler: StoredEventHandler<typeof orders, "orderPaid"> = ({ id }, { attempt }) => console.log(id, attempt);
 * ```
 */
export type StoredEventHandler<C extends Contract, Name extends DurableEventName<C>> = (
  data: InferEvent<C, Name>,
  context: StoredEventContext,
) => unknown;

/**
 * Hears of every change of a stored subscription's status, with why.
 *
 * @example
 * ```ts
 * import type { StoredStatusListener } from "@magicbutton/messaging";
 *
 * const listener: StoredStatusListener = (status, error) => console.log(status, error?.message ?? "");
 * ```
 */
export type StoredStatusListener = (status: ReadingState, error?: MessagingError) => void;

/**
 * Hears what kept a stored event from being handled; without an event where it was not one, but the subscription's beginning
 * or its `onGap`.
 *
 * @example
 * ```ts
 * import type { StoredErrorListener } from "@magicbutton/messaging";
 *
 * const listener: StoredErrorListener = (error, failure) => {
 *   if (failure?.deadLetter) console.error(`${failure.event} ${failure.id} is a dead letter: ${error.message}`);
 * };
 * ```
 */
export type StoredErrorListener = (error: MessagingError | Error, failure?: StoredEventFailure) => void;

/** Options of any subscription that say who hears what was not handled. */
export interface ReportedOptions {
  /** Hears of it. */
  readonly onError?: StoredErrorListener;
}

/** A subscription to stored events. */
export interface StoredSubscription extends AsyncDisposable {
  /**
   * It reads. Rejects with what keeps it from that for good: `UNSUPPORTED`, `FORBIDDEN`, `DISCONNECTED`; not awaiting it
   * is fine.
   */
  readonly ready: Promise<void>;
  /** `degraded` while it cannot read and tries to. */
  readonly status: ReadingState;
  /** Hears of changes of the status; the function that comes back ends it. Never throws. */
  onStatus(listener: StoredStatusListener): () => void;
  /**
   * Takes no further events, and resolves when the handlers that run have ended, at most ten seconds later: an event whose
   * handler takes longer comes again unless it is acknowledged in time. Never rejects.
   */
  unsubscribe(): Promise<void>;
}

/** As much of the options as is the same for every contract. */
export interface AnyStoredOptions {
  /** The name; absent for a replay. */
  readonly durable?: string | undefined;
  /** Where it begins. */
  readonly from?: EventPosition | undefined;
  /** Subject parameters. */
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  /** How many handlers run at once. */
  readonly concurrency?: number | undefined;
  /** How often an event is delivered. */
  readonly maxAttempts?: number | undefined;
  /** How long to wait before each further attempt, in milliseconds. */
  readonly backoffMs?: readonly number[] | undefined;
  /** Which field orders events. */
  readonly orderedBy?: string | undefined;
  /** How long the broker waits, in milliseconds. */
  readonly ackWaitMs?: number | undefined;
  /** Hears of gaps of a replay. */
  readonly onGap?: ((gap: { readonly reason: "reset"; readonly missed: undefined }) => unknown) | undefined;
}
