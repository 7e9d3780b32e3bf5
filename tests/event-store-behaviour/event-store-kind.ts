import type { Transport, TransportConnection } from "../../mod.ts";

/** A transport with streams that the behaviour suite runs over. */
export interface EventStoreKind {
  /** Stands in front of every test's name. */
  readonly name: string;
  /** A new transport to the one broker of the suite. */
  readonly connect: () => Transport;
  /** Deletes a stream, as an operator does. */
  readonly deleteStream: (stream: string, connection: TransportConnection) => unknown;
  /** Deletes a durable consumer, as an operator does. */
  readonly deleteConsumer: (stream: string, consumer: string, connection: TransportConnection) => unknown;
}
