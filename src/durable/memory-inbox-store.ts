import type { InboxStore } from "./inbox-store.ts";
import { inMemoryTransaction, type MemoryTransaction } from "./memory-transaction.ts";

/** Options of `createMemoryInboxStore`. */
export interface MemoryInboxStoreOptions {
  /** How many keys it remembers; the oldest go first. @default 100000 */
  readonly maxKeys?: number;
}

/**
 * An inbox store in memory, for tests: it forgets all with its process.
 *
 * @example
 * ```ts
 * import { createInbox, createMemoryInboxStore } from "@magicbutton/messaging";
 *
 * const inbox = createInbox({ store: createMemoryInboxStore() });
 * const handler = inbox.handler((data: string, { attempt }) => console.log(data, attempt));
 * ```
 */
export function createMemoryInboxStore({ maxKeys = 100_000 }: MemoryInboxStoreOptions = {}): InboxStore<
  MemoryTransaction
> {
  const kept = new Set<string>();
  const running = new Set<string>();
  return {
    transaction: inMemoryTransaction,
    has: (_transaction, key) => kept.has(key),
    record: (transaction, key) => {
      if (kept.has(key) || running.has(key)) throw new Error(`"${key}" is being handled already`);
      running.add(key);
      transaction.finally(() => running.delete(key));
      transaction.afterwards(() => {
        kept.add(key);
        if (kept.size > maxKeys) kept.delete(kept.keys().next().value!);
      });
    },
  };
}
