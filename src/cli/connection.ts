import { HttpTransport } from "../http/http-transport.ts";
import type { NatsCredentials } from "../nats/authentication.ts";
import { NatsTransport } from "../nats/nats-transport.ts";
import type { ServerAddress } from "../nats/server-address.ts";
import type { Transport } from "../transport/transport.ts";
import { brokerAuthentication, secretFrom } from "./broker-authentication.ts";
import type { BrokerOptions, CallerOptions } from "./connection-options.ts";
import { readServerUrls } from "./server-urls.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Terminal } from "./terminal.ts";
import { checkedUsage, UsageError } from "./usage-error.ts";

/** How long a wait lasts where nobody says, in milliseconds. */
export const defaultTimeoutMs = 5_000;

/** Where the broker is and who connects. */
export interface BrokerTarget {
  /** Its servers, without credentials. */
  readonly servers: readonly ServerAddress[];
  /** Who connects. */
  readonly authentication: NatsCredentials;
  /** How long each wait may last, in milliseconds. */
  readonly timeoutMs: number;
}

/** A way to services. */
export interface CallerTarget {
  /** Not connected yet. */
  readonly transport: Transport;
  /** The bearer token of requests. */
  readonly token: string | undefined;
  /** What it connects to, for people. */
  readonly text: string;
}

const defaultServer = "nats://127.0.0.1:4222";

/**
 * Where the broker is, from options and environment.
 *
 * @throws {UsageError} for what cannot work
 */
export async function brokerTarget(
  options: BrokerOptions,
  surroundings: Surroundings,
  terminal: Terminal,
): Promise<BrokerTarget> {
  const { environment } = surroundings;
  const { servers, credentials } = readServerUrls(options.server ?? [environment["NATS_URL"] || defaultServer]);
  if (options.server !== undefined && credentials !== undefined) {
    await terminal.note(
      `${
        terminal.paintError("warning", "warning:")
      } others on this machine can read the password in --server; use --user and --password-env`,
    );
  }
  const authentication = await brokerAuthentication(options, credentials, surroundings);
  return { servers, authentication, timeoutMs: options.timeout ?? defaultTimeoutMs };
}

/** A transport to the broker. @throws {UsageError} for options that cannot work */
export function brokerTransport(
  { servers, authentication, timeoutMs }: BrokerTarget,
  options: BrokerOptions,
): Transport {
  return checkedUsage(() =>
    new NatsTransport({
      servers: servers.map(({ url }) => url),
      authentication,
      name: "messaging command line",
      // All servers together keep within the time.
      connectTimeoutMs: Math.max(Math.floor(timeoutMs / servers.length), 1),
      dangerouslyAllowPlaintext: options.dangerouslyAllowPlaintext === true,
      ...(options.inboxPrefix === undefined ? {} : { inboxPrefix: options.inboxPrefix }),
    })
  );
}

/** A way to services, over the broker or through a gateway. @throws {UsageError} for options that cannot work */
export async function callerTarget(
  options: CallerOptions,
  surroundings: Surroundings,
  terminal: Terminal,
): Promise<CallerTarget> {
  const { bearerEnv, http } = options;
  const token = bearerEnv === undefined ? undefined : secretFrom(surroundings.environment, bearerEnv, "--bearer-env");
  if (http === undefined) {
    const target = await brokerTarget(options, surroundings, terminal);
    return {
      transport: brokerTransport(target, options),
      token,
      text: target.servers.map(({ url }) => url).join(", "),
    };
  }
  const ofBroker = brokerOnly.find((name) => options[name] !== undefined);
  if (ofBroker !== undefined) {
    const flag = ofBroker.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new UsageError(`Cannot use --${flag} with --http: a gateway takes a bearer token alone`, "Use --bearer-env");
  }
  const transport = checkedUsage(() =>
    new HttpTransport({
      url: http,
      connectTimeoutMs: options.timeout ?? defaultTimeoutMs,
      dangerouslyAllowPlaintext: options.dangerouslyAllowPlaintext === true,
    })
  );
  return { transport, token, text: new URL(http).origin };
}

const brokerOnly = [
  "server",
  "user",
  "passwordEnv",
  "tokenEnv",
  "creds",
  "nkeyFile",
  "tlsCa",
  "tlsCert",
  "tlsKey",
  "tlsFirst",
  "inboxPrefix",
  "namespace",
] as const;
