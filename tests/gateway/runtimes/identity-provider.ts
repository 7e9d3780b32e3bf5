import { exportJWK, generateKeyPair, SignJWT } from "jose";
import type { PublicJwk } from "../../../src/security/create-jwt-authenticator.ts";

/** Signs the tokens of one file's tests. */
export interface IdentityProvider {
  readonly issuer: string;
  readonly keys: readonly PublicJwk[];
  /** A token of these roles, and the tenant `acme`. */
  sign(roles: readonly string[], expires?: string | number): Promise<string>;
}

/** An identity provider with a key of its own. */
export async function createIdentityProvider(): Promise<IdentityProvider> {
  const issuer = "https://id.example.com";
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  return {
    issuer,
    keys: [{ ...await exportJWK(publicKey), kid: "k", alg: "ES256" } as PublicJwk],
    sign: (roles, expires = "5m") =>
      new SignJWT({ roles, tenant: "acme" }).setProtectedHeader({ alg: "ES256", kid: "k" }).setIssuer(issuer)
        .setAudience("shop").setSubject("ann").setExpirationTime(expires).sign(privateKey),
  };
}
