import type { EventStore, Transport, TransportConnection } from "../../mod.ts";

/** A transport whose store does some things in another way. */
export function withStore(transport: Transport, change: (store: EventStore) => Partial<EventStore>): Transport {
  const wrap = (store: EventStore): EventStore => ({
    ensureStream: (...rest) => store.ensureStream(...rest),
    store: (...rest) => store.store(...rest),
    consume: (options) => store.consume(options),
    replay: (options) => store.replay(options),
    read: (...rest) => store.read(...rest),
    remove: (...rest) => store.remove(...rest),
    bounds: (...rest) => store.bounds(...rest),
    ...change(store),
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
