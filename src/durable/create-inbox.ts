import type { InboxStore } from "./inbox-store.ts";
import type { StoredEventContext } from "./stored-event-context.ts";

/** Options of `createInbox`. */
export interface InboxOptions<Transaction> {
  /** Where it remembers what was handled. */
  readonly store: InboxStore<Transaction>;
}

/** Makes handlers whose effect happens once for each event, however often it is delivered. */
export interface Inbox<Transaction> {
  /**
   * A handler for `subscribe`: runs the given one in a transaction with the record that it ran, and not at all where that
   * is there. What it does by that transaction happens once; what it does beside it may happen again.
   */
  handler<Data>(
    handle: (data: Data, context: StoredEventContext, transaction: Transaction) => unknown,
  ): (data: Data, context: StoredEventContext) => Promise<void>;
}

/**
 * Makes an inbox: each event's effect once for each durable subscription, where it is in the store's own transaction.
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import {
 *   createContract,
 *   createInbox,
 *   createMemoryInboxStore,
 *   createMessagingClient,
 *   MemoryTransport,
 * } from "@magicbutton/messaging";
 *
 * const orders = createContract({
 *   name: "orders",
 *   version: "1.0.0",
 *   events: { orderPaid: { schema: v.object({ id: v.string(), amount: v.number() }), durable: true } },
 * });
 * const client = createMessagingClient({ contract: orders, transport: new MemoryTransport() });
 * const inbox = createInbox({ store: createMemoryInboxStore() });
 * let total = 0;
 * client.subscribe(
 *   "orderPaid",
 *   { durable: "billing" },
 *   inbox.handler((order, _context, transaction) => transaction.afterwards(() => total += order.amount)),
 * );
 * ```
 */
export function createInbox<Transaction>({ store }: InboxOptions<Transaction>): Inbox<Transaction> {
  return {
    handler: (handle) => (data, context) => {
      const key = inboxKey(context);
      return store.transaction(async (transaction) => {
        if (await store.has(transaction, key)) return;
        // Before the effect: another transaction with the same event then waits for this one, or fails.
        await store.record(transaction, key);
        await handle(data, context, transaction);
      });
    },
  };
}

/** Two subscriptions to one event have an effect each, and may have one store. */
function inboxKey({ durable = "", event, id }: StoredEventContext): string {
  return `${durable}:${event}:${id}`;
}
