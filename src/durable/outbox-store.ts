/** An event that waits in an outbox. */
export interface OutboxEntry {
  /** Unique, and the same however often it is sent: what the event's stream knows it by. */
  readonly id: string;
  /** The event, as the outbox wrote it; a store keeps it as it is. */
  readonly text: string;
}

/** Where an outbox keeps events: in the database of what they tell, so that both are one transaction. */
export interface OutboxStore<Transaction> {
  /**
   * Adds an entry in the caller's transaction, behind those that are there.
   *
   * @throws where it cannot be written; the caller's transaction then fails
   */
  add(transaction: Transaction, entry: OutboxEntry): void | Promise<void>;
  /**
   * The oldest entries, in the order they were added; those of transactions that are not over are not there.
   *
   * @throws where they cannot be read; it is tried again
   */
  take(limit: number): readonly OutboxEntry[] | Promise<readonly OutboxEntry[]>;
  /**
   * They are in their stream: takes them out.
   *
   * @throws where they cannot be taken out; they are sent again under the same id, and stored once
   */
  remove(ids: readonly string[]): void | Promise<void>;
}
