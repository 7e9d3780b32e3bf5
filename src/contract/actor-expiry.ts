import type { Actor } from "./actor.ts";

/**
 * When an actor's credentials end, in milliseconds since 1970: what its authenticator says, else the `exp` of its claims
 * (RFC 7519); `Infinity` where neither says.
 */
export function actorExpiry(actor: Actor): number {
  const exp = actor.claims?.["exp"];
  return actor.expiresAt ?? (typeof exp === "number" ? exp * 1_000 : Infinity);
}
