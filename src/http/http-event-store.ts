import { MessagingError } from "../errors/messaging-error.ts";
import type { EventStore } from "../transport/event-store.ts";
import { unsupported } from "./gateway-paths.ts";
import type { HttpConnection } from "./http-connection.ts";
import { HttpReplay } from "./http-replay.ts";

/**
 * The store that a gateway is for its callers: they read stored events, and nothing else. What ends a reader is among
 * `stops` as long as it reads.
 */
export function openHttpEventStore(
  connection: HttpConnection,
  stops: Set<() => void>,
  checkOpen: () => void,
): EventStore {
  return {
    replay: (options) => {
      checkOpen();
      const reader = new HttpReplay(options, connection);
      const stop = (): void => reader.end(new MessagingError("DISCONNECTED", "The connection was closed"));
      stops.add(stop);
      return {
        get state() {
          return reader.state;
        },
        ready: reader.ready,
        stop: () => {
          stops.delete(stop);
          return reader.stop();
        },
      };
    },
    consume: () => {
      throw refusal("Cannot share a durable subscription");
    },
    ensureStream: () => Promise.reject(refusal("Cannot make a stream")),
    store: (_subject, _body, { operation }) => Promise.reject(refusal("Cannot store an event", operation)),
    read: (_stream, _query, { operation }) => Promise.reject(refusal("Cannot read dead letters", operation)),
    remove: (_stream, _sequence, { operation }) => Promise.reject(refusal("Cannot take events away", operation)),
    bounds: (_stream, { operation }) => Promise.reject(refusal("Cannot ask what a stream has", operation)),
  };
}

function refusal(action: string, operation?: string): Error {
  return unsupported(
    `${action} over HTTP: give \`from\` without \`durable\`, or go where NATS can be reached`,
    operation,
  );
}
