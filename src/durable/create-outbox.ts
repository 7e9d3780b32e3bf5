import type { Contract } from "../contract/contract.ts";
import type { DurableEventName, InferContract } from "../contract/infer.ts";
import { validationError } from "../contract/validator.ts";
import { MessagingError } from "../errors/messaging-error.ts";
import { type Logger, silentLogger } from "../logging/logger.ts";
import { jsonText } from "../message/json-codec.ts";
import { checkPositive } from "../transport/check-positive.ts";
import { type Clock, systemClock } from "../transport/clock.ts";
import { createIdentifierSource, unguessableLength } from "../transport/identifiers.ts";
import { OutboxPump } from "./outbox-pump.ts";
import type { OutboxEntry, OutboxStore } from "./outbox-store.ts";
import { isEventId } from "./scoped-message-id.ts";

/** What publishes an outbox's events: a messaging server of the contract. */
export interface OutboxPublisher {
  /** Stores one. */
  broadcast(
    name: never,
    data: never,
    options: { readonly id: string; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<unknown>;
}

/** Options of `createOutbox`. */
export interface OutboxOptions<C extends Contract, Transaction> {
  /** Whose durable events it publishes. */
  readonly contract: C;
  /** Where they wait. */
  readonly store: OutboxStore<Transaction>;
  /** Publishes them; started and stopped by its owner. */
  readonly server: OutboxPublisher;
  /** How many events are read from the store at once. @default 100 */
  readonly batchSize?: number;
  /** How long it waits before it looks for events that nobody told it of, in milliseconds. @default 1000 */
  readonly pollMs?: number;
  /** Hears of events that could not be published; they are tried again. @default the logger */
  readonly onError?: (error: Error) => void;
  /** Hears what goes wrong. @default silent */
  readonly logger?: Logger;
  /** Time and randomness. @default the runtime's */
  readonly clock?: Clock;
}

/** Options of `Outbox.add`. */
export interface OutboxAddOptions {
  /** The caller's own id: 1 to 128 characters of printable ASCII, unique in the store. @default a random one */
  readonly id?: string;
  /** Sent with it; names of NATS and of this library are refused when it is published. @default none */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Events that are written with a program's own transaction and published after it, in order, across crashes. */
export interface Outbox<C extends Contract, Transaction> extends AsyncDisposable {
  /**
   * Writes an event in the caller's transaction: it is published when that was kept, and not when it was not.
   *
   * @throws {MessagingError} `INVALID_EVENT` for an event that is not durable, or does not fit its schema
   */
  add<Name extends DurableEventName<C>>(
    transaction: Transaction,
    name: Name,
    data: InferContract<C>["events"][Name]["input"],
    options?: OutboxAddOptions,
  ): Promise<void>;
  /** Publishes what waits, and what comes, until `stop`. */
  start(): void;
  /** A transaction with events was kept: they need not wait for the next look. */
  wake(): void;
  /** Publishes nothing further; resolves when what was being published is, or has failed. What waits goes on with `start`. */
  stop(): Promise<void>;
}

/**
 * Makes an outbox. One process should publish from a store at a time: with two of them nothing is lost or stored twice,
 * but the order is.
 *
 * @throws {TypeError} for options that cannot work
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import {
 *   createContract,
 *   createMemoryOutboxStore,
 *   createMessagingServer,
 *   createOutbox,
 *   MemoryTransport,
 * } from "@magicbutton/messaging";
 *
 * const orders = createContract({
 *   name: "orders",
 *   version: "1.0.0",
 *   events: { orderPaid: { schema: v.object({ id: v.string() }), durable: true } },
 * });
 * const server = createMessagingServer({ contract: orders, transport: new MemoryTransport() });
 * await server.start();
 * const store = createMemoryOutboxStore();
 * const outbox = createOutbox({ contract: orders, store, server });
 * outbox.start();
 * await store.transaction(async (transaction) => {
 *   await outbox.add(transaction, "orderPaid", { id: "7" });
 * });
 * outbox.wake();
 * await outbox.stop();
 * await server.stop();
 * ```
 */
export function createOutbox<C extends Contract, Transaction>(
  options: OutboxOptions<C, Transaction>,
): Outbox<C, Transaction> {
  checkPositive(options, ["batchSize", "pollMs"]);
  const { contract, store, server, logger = silentLogger, clock = systemClock } = options;
  const identifiers = createIdentifierSource(clock);
  const pump = new OutboxPump({
    store,
    publish: async (entry) => {
      const { event, data, headers } = JSON.parse(entry.text);
      await server.broadcast(event as never, data as never, { id: entry.id, ...headers && { headers } });
    },
    batchSize: options.batchSize ?? 100,
    pollMs: options.pollMs ?? 1_000,
    onError: (error) => {
      try {
        if (options.onError === undefined) logger.warn("An event of the outbox was not published", { error });
        else options.onError(error as Error);
      } catch (thrown) {
        logger.error("An onError callback threw", { error: thrown });
      }
    },
    clock,
  });
  const stop = (): Promise<void> => pump.stop();
  return {
    add: async (transaction, name, data, addOptions = {}) => {
      const { id = identifiers.next(unguessableLength), headers } = addOptions;
      if (!isEventId(id)) throw refused(name, "its id is none: 1 to 128 characters of printable ASCII are wanted");
      await store.add(transaction, await entryOf(contract, { id, event: name, data, headers }));
    },
    start: () => pump.start(),
    wake: () => pump.wake(),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Checked before it is kept: what cannot be published would be found when its transaction is over. */
async function entryOf(
  contract: Contract,
  { id, ...written }: {
    readonly id: string;
    readonly event: string;
    readonly data: unknown;
    readonly headers: unknown;
  },
): Promise<OutboxEntry> {
  const { event, data } = written;
  const operation = contract.events.get(event);
  if (operation?.durable === undefined) throw refused(event, "it is no durable event of the contract");
  const { issues } = await operation.event.validate(data);
  if (issues !== undefined) throw validationError("INVALID_EVENT", event, issues);
  return { id, text: jsonText(written) };
}

function refused(event: string, reason: string): MessagingError {
  const operation = event.slice(0, 128);
  return new MessagingError("INVALID_EVENT", `Event "${operation}" was not written: ${reason}`, { operation });
}
