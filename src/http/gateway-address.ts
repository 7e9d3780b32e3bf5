import { MessagingError } from "../errors/messaging-error.ts";
import { isLoopback } from "../transport/loopback.ts";

/** Where a gateway is. */
export interface GatewayAddress {
  /** The start of every URL, without a slash at its end; it never holds credentials. */
  readonly url: string;
  /** Whether a token may be sent there: nobody on the way can read it, or that was allowed. */
  readonly mayShowToken: boolean;
}

/**
 * Reads the `url` of a transport; a path in it is kept.
 *
 * @throws {TypeError} for anything else, without showing what could be a secret
 */
export function parseGatewayAddress(text: string, allowPlaintext: boolean): GatewayAddress {
  const url = typeof text === "string" && URL.canParse(text) ? new URL(text) : undefined;
  if (
    url === undefined || !/^https?:$/.test(url.protocol) || url.username + url.password + url.search + url.hash !== ""
  ) {
    throw new TypeError(
      "Cannot use `url`: https:// or http:// with a host is wanted, and in it no query, no fragment and no credentials, " +
        "which a client gives as its `token`",
    );
  }
  return {
    url: url.origin + url.pathname.replace(/\/+$/, ""),
    mayShowToken: allowPlaintext || url.protocol === "https:" || isLoopback(url.hostname.replace(/^\[|\]$/g, "")),
  };
}

/**
 * Refuses to send a bearer token where anyone on the way could read it.
 *
 * @throws {MessagingError} `UNAUTHENTICATED`, before anything was sent
 */
export function refusePlaintextToken(what: string, { url, mayShowToken }: GatewayAddress, operation: string): void {
  if (mayShowToken) return;
  throw new MessagingError(
    "UNAUTHENTICATED",
    `${what} was not sent to ${url}: the connection is not encrypted, and anyone on the way could read the token; ` +
      "use https://, or set `dangerouslyAllowPlaintext: true`",
    { operation },
  );
}
