import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";

/** The broker's streams as NATS's own client sees them. */
export interface Manager extends AsyncDisposable {
  readonly streams: JetStreamManager["streams"];
  readonly consumers: JetStreamManager["consumers"];
}

/** Connects NATS's own client. */
export async function openManager(servers: string): Promise<Manager> {
  const connection = await connect({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  const { streams, consumers } = await jetstreamManager(connection, { checkAPI: false });
  return { streams, consumers, [Symbol.asyncDispose]: () => connection.close() };
}

/** Up to where `billing` has settled all; 0 while it is not there. */
export async function settledUpTo({ consumers }: Manager, stream = "ORDERS"): Promise<number> {
  try {
    return (await consumers.info(stream, "billing")).ack_floor.stream_seq;
  } catch {
    return 0;
  }
}
