import Database from "libsql";
import { openSqliteStores, type SqliteTransaction } from "../../../examples/durable-orders/sqlite-stores.ts";
import type { InboxStore } from "../../../mod.ts";

/** Counts each event in a SQLite file, in the transaction of its inbox. */
export interface EventCounter {
  readonly store: InboxStore<SqliteTransaction>;
  readonly count: (data: { readonly id: number }, context: unknown, transaction: SqliteTransaction) => void;
  close(): void;
}

/** Opens it, and makes its table. */
export function openEventCounter(path: string): EventCounter {
  const { database, inbox, close } = openSqliteStores(path);
  database.exec("CREATE TABLE IF NOT EXISTS counted (id INTEGER PRIMARY KEY, times INTEGER NOT NULL)");
  const add = database.prepare("INSERT INTO counted VALUES (?, 1) ON CONFLICT (id) DO UPDATE SET times = times + 1");
  return { store: inbox, count: ({ id }) => void add.run(id), close };
}

/** How many events were counted, and how often together. */
export function readEventCounter(path: string): { readonly ids: number; readonly times: number } {
  const database = new Database(path, { readonly: true });
  try {
    const row = database.prepare("SELECT count(*) AS ids, coalesce(sum(times), 0) AS times FROM counted").get();
    return row as { ids: number; times: number };
  } finally {
    database.close();
  }
}
