import type { Authenticate } from "../../../mod.ts";
import { createJwtAuthenticator } from "../../../src/security/create-jwt-authenticator.ts";

/** What tokens of the experiments' identity provider say of themselves. */
export const issuer = "https://id.example.com";
export const audience = "trial";
export const tokenType = "at+jwt";

/** Verifies the tokens of an identity provider that gives its keys at this address. */
export function authenticateBy(jwksUrl: string): Authenticate {
  return createJwtAuthenticator({
    issuer,
    audience,
    algorithms: ["ES256", "RS256"],
    jwksUrl,
    type: tokenType,
    roles: (claims) => claims["roles"],
  });
}
