import { MessagingError } from "../errors/messaging-error.ts";
import { isLoopback } from "../transport/loopback.ts";
import type { ResolvedAuthentication } from "./authentication.ts";
import { jwtClaims } from "./jwt-claims.ts";
import type { Link } from "./link.ts";
import type { ServerAddress } from "./server-address.ts";

type Credentials = ResolvedAuthentication["credentials"];

/**
 * Refuses to show a secret to whoever listens on the way: passwords, tokens and bearer JWTs leave this machine only
 * encrypted. A signature over the broker's nonce is nobody else's to use, so nkeys and other JWTs may; what is then sent
 * can be read and changed on the way all the same.
 *
 * @throws {MessagingError} `UNAUTHENTICATED`, before a byte was sent
 */
export function refusePlaintextCredentials(
  credentials: Credentials,
  link: Pick<Link, "encrypted" | "peerAddress">,
  server: ServerAddress,
): void {
  if (link.encrypted || isLoopback(link.peerAddress ?? server.hostname)) return;
  const secret = secretIn(credentials);
  if (secret === undefined) return;
  throw new MessagingError(
    "UNAUTHENTICATED",
    `Did not sign in to ${server.url}: the connection is not encrypted, and anyone on the way could read the ${secret}; ` +
      "use tls:// or wss://, give `tls` in the authentication, or set `dangerouslyAllowPlaintext: true`",
  );
}

function secretIn(credentials: Credentials): string | undefined {
  switch (credentials.kind) {
    case "password":
    case "token":
      return credentials.kind;
    case "jwt":
      return isBearer(credentials.jwt) ? "bearer JWT" : undefined;
    case "creds":
      return isBearer(new TextDecoder().decode(credentials.creds)) ? "bearer JWT" : undefined;
    case "nkey":
    case "none":
      return undefined;
  }
}

/** Whoever has a bearer JWT may use it: the broker asks for no signature. */
function isBearer(text: string): boolean {
  return jwtClaims(text)?.nats?.bearer_token === true;
}
