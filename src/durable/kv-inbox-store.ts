import { isToken } from "../contract/token.ts";
import { checkPositive } from "../transport/check-positive.ts";
import type { EventStore, StreamDefinition } from "../transport/event-store.ts";
import type { Transport, TransportConnection } from "../transport/transport.ts";
import type { InboxStore } from "./inbox-store.ts";
import { openEventStore } from "./open-event-store.ts";

const week = 7 * 24 * 3_600_000;
const encoder = new TextEncoder();
const noBody = new Uint8Array(0);

/** Options of `createKvInboxStore`. */
export interface KvInboxStoreOptions {
  /** How the broker is reached; may be shared with clients and servers. */
  readonly transport: Transport;
  /** The bucket: a subject token. @default "inbox" */
  readonly bucket?: string;
  /** How long a key is kept, in milliseconds: longer than an event may still come again. @default 604800000, a week */
  readonly maxAgeMs?: number;
  /** On how many servers of a cluster each key stands. @default 1 */
  readonly replicas?: number;
  /** How long each call to the broker may take, in milliseconds. @default 5000 */
  readonly timeoutMs?: number;
}

/** The keys that a handler's run records when it has ended. */
export interface KvInboxTransaction {
  /** Recorded so far. */
  readonly keys: string[];
}

/** An inbox store that leaves with `close`. */
export interface KvInboxStore extends InboxStore<KvInboxTransaction>, AsyncDisposable {
  /** Leaves the broker. */
  close(): Promise<void>;
}

/**
 * An inbox store in a key-value bucket of NATS, for effects that are in no database. The bucket and the effect are not one
 * transaction: a key is written when the handler has ended, so a crash between the two has the event handled again, and two
 * deliveries of one event that are handled at once are handled both. It spares an effect its ordinary repetitions, no more.
 *
 * @throws {TypeError} for options that cannot work
 *
 * @example
 * ```ts
 * import { createInbox, createKvInboxStore, MemoryTransport } from "@magicbutton/messaging";
 *
 * await using store = createKvInboxStore({ transport: new MemoryTransport(), bucket: "mails" });
 * const inbox = createInbox({ store });
 * const handler = inbox.handler((order: { id: string }) => console.log(`A mail for order ${order.id}`));
 * ```
 */
export function createKvInboxStore(options: KvInboxStoreOptions): KvInboxStore {
  checkPositive(options, ["maxAgeMs", "replicas", "timeoutMs"]);
  const { transport, bucket = "inbox", maxAgeMs = week, replicas, timeoutMs = 5_000 } = options;
  if (!isToken(bucket)) throw new TypeError('Cannot use `bucket`: 1 to 128 letters, digits, "_" or "-" are wanted');
  const stream: StreamDefinition = { name: `KV_${bucket}`, subjects: [`$KV.${bucket}.*`], maxAgeMs, replicas };
  const call = { timeoutMs, operation: bucket };
  let opening: Promise<{ readonly connection: TransportConnection; readonly store: EventStore }> | undefined;

  const open = async (): Promise<{ readonly connection: TransportConnection; readonly store: EventStore }> => {
    const connection = await transport.open();
    try {
      const store = await openEventStore(connection);
      await store.ensureStream(stream, call);
      return { connection, store };
    } catch (error) {
      await connection.close();
      throw error;
    }
  };
  const opened = async (): Promise<EventStore> => {
    opening ??= open().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return (await opening).store;
  };
  const close = async (): Promise<void> => {
    const left = await opening?.catch(() => undefined);
    opening = undefined;
    await left?.connection.close();
  };
  return {
    transaction: async (run) => {
      const transaction: KvInboxTransaction = { keys: [] };
      const result = await run(transaction);
      for (const key of transaction.keys) {
        const token = await tokenOf(key);
        const store = await opened();
        await store.store(`$KV.${bucket}.${token}`, noBody, { ...call, stream: stream.name, messageId: token });
      }
      return result;
    },
    has: async (_transaction, key) => {
      const query = { sequence: 1, subject: `$KV.${bucket}.${await tokenOf(key)}` };
      return await (await opened()).read(stream.name, query, call) !== undefined;
    },
    record: ({ keys }, key) => void keys.push(key),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Keys are longer than a subject's token may be. */
async function tokenOf(key: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(key)));
  return btoa(String.fromCharCode(...digest)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
