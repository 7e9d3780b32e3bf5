import { MemoryBroker, MemoryTransport, NatsTransport } from "../../mod.ts";
import type { Logger, Transport, TransportConnection } from "../../mod.ts";
import { natsKind } from "../event-store-behaviour/nats-kind.ts";
import { hasNatsServer, type NatsServer, startNatsServer, whyNoNatsServer } from "../support/nats-server.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { describe } from "../support/suite.ts";

/** A transport with streams that the suite of durable events runs over. */
export interface DurableKind {
  /** Stands in front of every test's name. */
  readonly name: string;
  /** A new transport to the one broker of the suite. */
  readonly connect: (options?: { readonly logger?: Logger }) => Transport;
  /** Deletes a stream, as an operator does. */
  readonly deleteStream: (stream: string, connection: TransportConnection) => unknown;
  /** Publishes what no library would. */
  readonly publishRaw: (subject: string, body: string, header?: string) => Promise<void>;
}

/** Streams of a memory broker of the suite's own. */
export function memoryKind(): DurableKind {
  const broker = new MemoryBroker();
  return {
    name: "memory",
    connect: (options) => new MemoryTransport({ ...options, broker }),
    deleteStream: (stream) => broker.deleteStream(stream),
    publishRaw: async (subject, body, header) => {
      const encoder = new TextEncoder();
      const headerBlock = header === undefined ? undefined : encoder.encode(header);
      broker.publish({ subject, headerBlock, body: encoder.encode(body) });
      await broker.delivered();
    },
  };
}

/** Runs a suite over a real nats-server of this file's own, which ends with the process. */
export async function withNats(
  name: string,
  addressOf: (server: NatsServer) => string,
  suite: (kind: DurableKind) => void,
): Promise<void> {
  if (!hasNatsServer) {
    return describe(name, (test) => test.skip("durable events", whyNoNatsServer ?? "there is no nats-server"));
  }
  const server = await startNatsServer({ websocket: true, jetstream: true });
  const { deleteStream } = natsKind(name, server.url);
  suite({
    name,
    connect: (options) => new NatsTransport({ ...options, servers: addressOf(server) }),
    deleteStream,
    publishRaw: async (subject, body, header) => {
      const peer = await RawPeer.connect(server.port);
      peer.publish(subject, body, header === undefined ? {} : { header });
      await peer.flush();
      peer.close();
    },
  });
}
