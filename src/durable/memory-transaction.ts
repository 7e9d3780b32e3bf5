/** A transaction of the stores in memory: what is to happen when it is kept. */
export interface MemoryTransaction {
  /** Runs when the transaction is kept, in the order given, together with all others of it; not when it is not. */
  afterwards(change: () => void): void;
  /** Runs when the transaction is over, kept or not. */
  finally(change: () => void): void;
}

/** Runs something in a transaction of the stores in memory. */
export async function inMemoryTransaction<Result>(
  run: (transaction: MemoryTransaction) => Promise<Result>,
): Promise<Result> {
  const changes: (() => void)[] = [];
  const ends: (() => void)[] = [];
  try {
    const result = await run({
      afterwards: (change) => void changes.push(change),
      finally: (change) => void ends.push(change),
    });
    for (const change of changes) change();
    return result;
  } finally {
    for (const end of ends) end();
  }
}
