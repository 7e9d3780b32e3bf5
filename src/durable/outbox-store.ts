/** An event that waits in an outbox. */
export interface OutboxEntry {
  /** Unique, and the same however often it is sent: what the event's stream knows it by. */
  readonly id: string;
  /** The event, as the outbox wrote it; a store keeps it as it is. */
  readonly text: string;
}

/** Where an outbox keeps events: in the database of what they tell, so that both are one transaction. */
export interface OutboxStore<Transaction> {
  /** Adds an entry in the caller's transaction, behind those that are there. */
  add(transaction: Transaction, entry: OutboxEntry): void | Promise<void>;
  /** The oldest entries, in the order they were added; those of transactions that are not over are not there. */
  take(limit: number): readonly OutboxEntry[] | Promise<readonly OutboxEntry[]>;
  /** They are in their stream: takes them out. */
  remove(ids: readonly string[]): void | Promise<void>;
}
