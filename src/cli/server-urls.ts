import { parseServerAddress, type ServerAddress } from "../nats/server-address.ts";
import { checkedUsage, UsageError } from "./usage-error.ts";

/** Credentials that stood in a URL. */
export type UrlCredentials = { readonly user: string; readonly password: string } | { readonly token: string };

/** Where to connect, and the credentials that stood there. */
export interface ServerUrls {
  /** Each without credentials. */
  readonly servers: readonly ServerAddress[];
  /** Taken out of the URLs, as NATS clients read them: a user with a password, or a token alone. */
  readonly credentials: UrlCredentials | undefined;
}

/**
 * Reads server URLs, several in a text with commas between them, and takes the credentials out: from there on no text
 * shows them.
 *
 * @throws {UsageError} for a URL that is none, without showing what could be a secret
 */
export function readServerUrls(texts: readonly string[]): ServerUrls {
  const parts = texts.flatMap((text) => text.split(",")).map((text) => text.trim()).filter((text) => text !== "");
  if (parts.length === 0) throw new UsageError("There is no server URL", "Such as nats://127.0.0.1:4222");
  const read = parts.map((part) => {
    const match = /^([a-z][a-z0-9+.-]*:\/\/)?(?:(.*)@)?([^@]*)$/i.exec(part)!;
    return { url: `${match[1] ?? ""}${match[3]}`, credentials: readCredentials(match[2]) };
  });
  const given = read.flatMap(({ credentials }) => credentials ?? []);
  if (given.some((credentials) => JSON.stringify(credentials) !== JSON.stringify(given[0]))) {
    throw new UsageError("Cannot use the server URLs: they hold different credentials");
  }
  return { servers: read.map(({ url }) => checkedUsage(() => parseServerAddress(url))), credentials: given[0] };
}

function readCredentials(text: string | undefined): UrlCredentials | undefined {
  if (text === undefined || text === "") return undefined;
  const end = text.indexOf(":");
  if (end < 0) return { token: decoded(text) };
  return { user: decoded(text.slice(0, end)), password: decoded(text.slice(end + 1)) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
