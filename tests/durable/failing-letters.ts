import type { Transport, TransportConnection } from "../../mod.ts";
import type { EventStore } from "../../src/transport/event-store.ts";
import { MessagingError } from "../../mod.ts";

/** A transport whose stream of dead letters is full while `full()` says so. */
export function withFullLetters(transport: Transport, full: () => boolean): Transport {
  const wrap = (store: EventStore): EventStore => ({
    ensureStream: (...rest) => store.ensureStream(...rest),
    store: (subject, body, options) => {
      if (!options.stream.endsWith("=DEAD") || !full()) return store.store(subject, body, options);
      return Promise.reject(new MessagingError("BUSY", "The stream is full"));
    },
    consume: (options) => store.consume(options),
    replay: (options) => store.replay(options),
    read: (...rest) => store.read(...rest),
    remove: (...rest) => store.remove(...rest),
    bounds: (...rest) => store.bounds(...rest),
  });
  return {
    kind: transport.kind,
    get status() {
      return transport.status;
    },
    onStatus: (listener) => transport.onStatus(listener),
    open: async (options) => {
      const connection = await transport.open(options);
      const eventStore = async (): Promise<EventStore> => wrap(await connection.eventStore!());
      return new Proxy(connection, {
        get: (target, name: keyof TransportConnection) => {
          if (name === "eventStore") return eventStore;
          const value = target[name];
          return typeof value === "function" ? (value as (...given: unknown[]) => unknown).bind(target) : value;
        },
      });
    },
  };
}
