import { isMessagingError } from "../../errors/messaging-error.ts";
import type { ServerAddress } from "../../nats/server-address.ts";
import { isLoopback } from "../../transport/loopback.ts";
import type { BrokerTarget } from "../connection.ts";
import { durationText } from "../duration.ts";
import { withoutSecrets } from "../secrets.ts";
import { plainText } from "../terminal.ts";
import { type BrokerSession, openBrokerSession, roundTripMs } from "./broker-session.ts";
import { type Check, ok, problem, warning } from "./check.ts";
import { connectionHint } from "./connection-hint.ts";
import { probeServer, type TlsSight } from "./server-probe.ts";

/** What came of looking at one server. */
export interface CheckedServer {
  /** What was seen. */
  readonly checks: readonly Check[];
  /** The connection that is open; `undefined` where there is none. */
  readonly broker: BrokerSession | undefined;
}

const dayMs = 24 * 3_600_000;
const slowRoundTripMs = 200;

/** Connects to one server: is it there, is the way encrypted, does it take the credentials, how far is it. Never rejects. */
export async function checkServer(
  server: ServerAddress,
  target: BrokerTarget,
  options: { readonly signal: AbortSignal; readonly dangerouslyAllowPlaintext: boolean },
): Promise<CheckedServer> {
  const { timeoutMs, authentication } = target;
  const checks: Check[] = [];
  let broker: BrokerSession | undefined;
  const seen = await probeServer(server, { tls: authentication.tls, timeoutMs, signal: options.signal })
    .catch((error: unknown) => ({ error }));
  try {
    broker = await openBrokerSession(server, target, options);
    const { session } = broker;
    checks.push(
      ok("server", `${server.url} is nats-server ${plainText(session.info.version)} and takes the credentials`),
    );
    if (!("error" in seen)) checks.push(checkTls(server, seen.tls));
    checks.push(await checkRoundTrip(server, broker, timeoutMs));
    if (session.expiresAt !== undefined) checks.push(checkExpiry(session.expiresAt));
  } catch (error) {
    // In the library's words, which the page of failures has.
    const text = withoutSecrets(reasonOf(error));
    const name = isMessagingError(error, "UNAUTHENTICATED") ? "credentials" : "server";
    const underneath = "error" in seen ? seen.error : undefined;
    checks.push(problem(name, text, connectionHint({ server, error, underneath })));
  }
  return { checks, broker };
}

function checkTls(server: ServerAddress, tls: TlsSight | undefined): Check {
  if (tls === undefined) {
    if (isLoopback(server.hostname)) return ok("tls", `${server.url} is on this machine, and not encrypted`);
    return warning(
      "tls",
      `The way to ${server.url} is not encrypted: anyone on it can read and change what is sent`,
      "Set up TLS at the server, and connect by tls:// or wss://",
    );
  }
  const left = tls.validUntil - Date.now();
  const until = new Date(tls.validUntil).toISOString().slice(0, 10);
  const text = `${server.url} is encrypted by ${tls.protocol}; its certificate is for ${
    plainText(tls.subject)
  }, until ${until}`;
  return left > 14 * dayMs ? ok("tls", text) : warning("tls", text, `It ends in ${durationText(left)}: renew it`);
}

async function checkRoundTrip(server: ServerAddress, { session }: BrokerSession, timeoutMs: number): Promise<Check> {
  const took = await roundTripMs(session, timeoutMs);
  const text = `A round trip to ${server.url} takes ${durationText(took)}`;
  if (took <= slowRoundTripMs) return ok("round-trip", text);
  return warning(
    "round-trip",
    text,
    "Connect to a server that is nearer; deadlines of requests have this time in them",
  );
}

function checkExpiry(expiresAt: number): Check {
  const left = expiresAt - Date.now();
  const text = `The credentials are good for ${durationText(left)}`;
  return left > 7 * dayMs ? ok("expiry", text) : warning("expiry", text, "Get new ones in time");
}

function reasonOf(error: unknown): string {
  const { message, code } = error as { readonly message?: string; readonly code?: string };
  // With several addresses of one name, Node's error has a code and no message.
  return message || code || String(error);
}
