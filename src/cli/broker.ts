import type { TransportConnection } from "../transport/transport.ts";
import type { CommandContext } from "./command-context.ts";
import { brokerTarget, brokerTransport } from "./connection.ts";
import type { BrokerOptions } from "./connection-options.ts";

/**
 * Works with a connection to the broker, and leaves.
 *
 * @throws {UsageError} for options that cannot work
 * @throws {MessagingError} `DISCONNECTED`, `UNAUTHENTICATED`, `UNSUPPORTED`, `CANCELLED`, and what the work throws
 */
export async function withBroker<Result>(
  options: BrokerOptions,
  { surroundings, terminal }: CommandContext,
  work: (connection: TransportConnection) => Promise<Result>,
): Promise<Result> {
  const target = await brokerTarget(options, surroundings, terminal);
  const transport = brokerTransport(target, options);
  await terminal.progress(`Connecting to ${target.servers.map(({ url }) => url).join(", ")}`);
  const connection = await transport.open({ signal: surroundings.interrupted });
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}
