// An inbox and an outbox in a SQLite file, beside the program's own tables.
import Database from "libsql";
import type { InboxStore, OutboxEntry, OutboxStore } from "@magicbutton/messaging";

export type SqliteTransaction = Database.Database;

export interface SqliteStores {
  readonly database: SqliteTransaction;
  readonly inbox: InboxStore<SqliteTransaction>;
  readonly outbox: OutboxStore<SqliteTransaction>;
  /** One after another: a connection has one transaction at a time. */
  transaction<Result>(run: (transaction: SqliteTransaction) => Result | Promise<Result>): Promise<Result>;
  close(): void;
}

export function openSqliteStores(path: string): SqliteStores {
  const database = new Database(path);
  database.exec(`
    PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;
    CREATE TABLE IF NOT EXISTS inbox (key TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS outbox (position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, text TEXT);
  `);
  const record = database.prepare("INSERT INTO inbox (key) VALUES (?)");
  const add = database.prepare("INSERT INTO outbox (id, text) VALUES (?, ?)");
  const take = database.prepare("SELECT id, text FROM outbox ORDER BY position LIMIT ?");
  const remove = database.prepare("DELETE FROM outbox WHERE id = ?");
  let last: Promise<unknown> = Promise.resolve();
  const transaction = <Result>(run: (transaction: SqliteTransaction) => Result | Promise<Result>): Promise<Result> => {
    const turn = last.then(async () => {
      // IMMEDIATE: a second process waits here, before it reads what this one is about to change.
      database.exec("BEGIN IMMEDIATE");
      try {
        const result = await run(database);
        database.exec("COMMIT");
        return result;
      } catch (error) {
        database.exec("ROLLBACK");
        throw error;
      }
    });
    last = turn.catch(() => {});
    return turn;
  };
  return {
    database,
    transaction,
    inbox: {
      transaction,
      has: (_transaction, key) => database.prepare("SELECT 1 FROM inbox WHERE key = ?").get(key) !== undefined,
      record: (_transaction, key) => void record.run(key),
    },
    outbox: {
      add: (_transaction, { id, text }) => void add.run(id, text),
      // In its turn: on this connection, what may yet be rolled back would be there.
      take: (limit) => transaction(() => take.all(limit) as OutboxEntry[]),
      remove: (ids) => transaction(() => ids.forEach((id) => remove.run(id))),
    },
    close: () => void database.close(),
  };
}
