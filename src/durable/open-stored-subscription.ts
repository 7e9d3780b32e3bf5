import type { MessagingError } from "../errors/messaging-error.ts";
import type { TransportConnection } from "../transport/transport.ts";
import { withResolvers } from "../transport/with-resolvers.ts";
import { beginDurable } from "./begin-durable.ts";
import { beginReplay } from "./begin-replay.ts";
import type { BegunReading } from "./begun-reading.ts";
import { checkStoredOptions } from "./check-stored-options.ts";
import type { StoredSubscription } from "./durable-options.ts";
import { openEventStore } from "./open-event-store.ts";
import type { StoredListener } from "./stored-listener.ts";
import { leftError, SubscriptionStatus } from "./subscription-status.ts";

/** How long handlers that run may take to end when their subscription does, in milliseconds. */
const graceMs = 10_000;

/** A subscription to stored events as its client holds it: it reads from when it is attached. */
export interface AttachableSubscription extends StoredSubscription {
  /** Reads over a connection; once. */
  attach(connection: TransportConnection): void;
  /** The client has left: takes nothing further, and resolves as `unsubscribe` does. */
  leave(): Promise<void>;
}

/**
 * Makes a subscription to stored events. It reads when it is attached to a connection.
 *
 * @throws {TypeError} for options that cannot work
 */
export function openStoredSubscription(listener: StoredListener): AttachableSubscription {
  const { operation, logger, options } = listener;
  checkStoredOptions(operation, options);
  const begin = options.durable === undefined ? beginReplay : beginDurable;
  const status = new SubscriptionStatus(operation.name, options.durable === undefined ? 1 : 2, logger);
  const ready = withResolvers<void>();
  let begun: Promise<BegunReading> | undefined;
  let stopping: Promise<void> | undefined;

  const stop = (readyError?: MessagingError, error?: MessagingError): Promise<void> =>
    stopping ??= (async () => {
      if (readyError === undefined) ready.resolve();
      else ready.reject(readyError);
      const reading = await begun?.catch(() => undefined);
      await Promise.all(reading?.readers.map((reader) => reader.stop()) ?? []);
      await reading?.stop(graceMs);
      status.end(error);
    })();
  const read = async (connection: TransportConnection): Promise<BegunReading> => {
    const store = await openEventStore(connection, operation.name);
    const reading = begin(store, listener, (reader, state, error) => {
      status.change(reader, state, error);
      // One that cannot go on takes the other with it.
      if (state === "ended") void stop(error, error);
    });
    Promise.all(reading.readers.map((reader) => reader.ready))
      .then(() => ready.resolve(), (error: MessagingError) => stop(error, error));
    return reading;
  };

  return {
    get ready() {
      return ready.promise;
    },
    get status() {
      return status.current;
    },
    onStatus: (heard) => status.listen(heard),
    attach: (connection) => {
      if (begun !== undefined || stopping !== undefined) return;
      begun = read(connection);
      begun.catch((error: MessagingError) => stop(error, error));
    },
    leave: () => stop(leftError()),
    unsubscribe: () => stop(),
    [Symbol.asyncDispose]: () => stop(),
  };
}
