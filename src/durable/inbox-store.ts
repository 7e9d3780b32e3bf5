/** Where an inbox remembers what was handled: in the database of the handler's effect, so that both are one transaction. */
export interface InboxStore<Transaction> {
  /**
   * Runs a handler in a transaction: what it did is kept when its promise resolves, and nothing of it when it rejects.
   * Rejects with what it rejected with, or with why it could not be kept.
   */
  transaction<Result>(run: (transaction: Transaction) => Promise<Result>): Promise<Result>;
  /** Whether the key was recorded, as this transaction sees it. */
  has(transaction: Transaction, key: string): boolean | Promise<boolean>;
  /**
   * Records the key in this transaction. The key is unique: where another transaction has recorded it, also one that is
   * not over, this one waits or throws.
   */
  record(transaction: Transaction, key: string): void | Promise<void>;
}
