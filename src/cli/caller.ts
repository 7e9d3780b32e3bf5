import { createMessagingClient } from "../client/create-messaging-client.ts";
import type { MessagingClient } from "../client/messaging-client.ts";
import type { Contract } from "../contract/contract.ts";
import type { CommandContext } from "./command-context.ts";
import { callerTarget } from "./connection.ts";
import type { CallerOptions } from "./connection-options.ts";
import { checkedUsage } from "./usage-error.ts";

/**
 * Works with a client that is connected, and leaves.
 *
 * @throws {UsageError} for options that cannot work
 * @throws {MessagingError} `DISCONNECTED`, `UNAUTHENTICATED`, `UNSUPPORTED`, `CANCELLED`, and what the work throws
 */
export async function withClient<Result>(
  contract: Contract,
  options: CallerOptions,
  { surroundings, terminal }: CommandContext,
  work: (client: MessagingClient<Contract>) => Promise<Result>,
): Promise<Result> {
  const { transport, token, text } = await callerTarget(options, surroundings, terminal);
  const { namespace } = options;
  const client = checkedUsage(() =>
    createMessagingClient({
      contract,
      transport,
      ...(token === undefined ? {} : { token }),
      ...(namespace === undefined ? {} : { namespace }),
    })
  );
  await terminal.progress(`Connecting to ${text}`);
  try {
    await client.connect({ signal: surroundings.interrupted });
    return await work(client);
  } finally {
    await client.disconnect();
  }
}
