import type { OutboxEntry, OutboxStore } from "./outbox-store.ts";
import { inMemoryTransaction, type MemoryTransaction } from "./memory-transaction.ts";

/** An outbox store in memory, and its transactions. */
export interface MemoryOutboxStore extends OutboxStore<MemoryTransaction> {
  /** Runs something in a transaction. */
  transaction<Result>(run: (transaction: MemoryTransaction) => Promise<Result>): Promise<Result>;
  /** How many entries wait. */
  readonly size: number;
}

/**
 * An outbox store in memory, for tests: it loses all with its process.
 *
 * @example
 * ```ts
 * import { createMemoryOutboxStore } from "@magicbutton/messaging";
 *
 * const store = createMemoryOutboxStore();
 * console.log(store.size);
 * ```
 */
export function createMemoryOutboxStore(): MemoryOutboxStore {
  const entries = new Map<string, OutboxEntry>();
  return {
    transaction: inMemoryTransaction,
    get size() {
      return entries.size;
    },
    add: (transaction, entry) => transaction.afterwards(() => entries.set(entry.id, entry)),
    take: (limit) => [...entries.values()].slice(0, limit),
    remove: (ids) => {
      for (const id of ids) entries.delete(id);
    },
  };
}
