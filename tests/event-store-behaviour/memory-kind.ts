import { MemoryBroker, MemoryTransport } from "../../mod.ts";
import type { EventStoreKind } from "./event-store-kind.ts";

/** Streams of a memory broker of the suite's own. */
export function memoryKind(): EventStoreKind {
  const broker = new MemoryBroker();
  return {
    name: "memory",
    connect: () => new MemoryTransport({ broker }),
    deleteStream: (stream) => broker.deleteStream(stream),
    deleteConsumer: (stream, consumer) => broker.deleteConsumer(stream, consumer),
  };
}
