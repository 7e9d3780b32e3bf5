import { MessagingError } from "../errors/messaging-error.ts";
import type { EventStore } from "../transport/event-store.ts";
import type { TransportConnection } from "../transport/transport.ts";

/** The store of a connection. @throws {MessagingError} `UNSUPPORTED` where its transport or its broker has none */
export function openEventStore(connection: TransportConnection, operation?: string): Promise<EventStore> {
  const store = connection.eventStore?.();
  return store ?? Promise.reject(
    new MessagingError("UNSUPPORTED", "Durable events want a transport that stores them: this one does not", {
      operation,
    }),
  );
}
