import type { BrokerPermissions } from "./broker-permissions.ts";

/** What a user's JWT says. */
export interface UserClaims {
  /** The user's name; ASCII, because the JWT package writes nothing else right. */
  readonly name: string;
  /** The user's public key, `U…`. */
  readonly publicKey: string;
  /** What the user may do; `undefined` where the signing key says it. */
  readonly permissions: BrokerPermissions | undefined;
  /** When it ends, in seconds since 1970; `undefined` is never. */
  readonly expiresAt: number | undefined;
  /** Tags of the user, `key:value`. */
  readonly tags?: readonly string[];
  /** The account that a server in configuration mode puts the user into. */
  readonly audience?: string;
}

/** Who signs. */
export interface UserJwtIssuer {
  /** The seed of an account's key or of one of its signing keys, `SA…`. */
  readonly signingKeySeed: string;
  /** The account's public key, `A…`, where the seed is of a signing key. */
  readonly issuerAccount: string | undefined;
}

/**
 * Signs a user's JWT.
 *
 * @throws {TypeError} for keys that are not well-formed, without a part of them
 */
export async function signUserJwt(claims: UserClaims, issuer: UserJwtIssuer): Promise<string> {
  // Here, because it brings the signature's mathematics.
  const { encodeUser } = await import("@nats-io/jwt");
  const { name, publicKey, permissions, expiresAt, tags = [], audience } = claims;
  const granted = permissions === undefined ? {} : {
    pub: { allow: [...permissions.publish.allow] },
    sub: { allow: [...permissions.subscribe.allow] },
  };
  const options = {
    ...(expiresAt === undefined ? {} : { exp: expiresAt }),
    ...(audience === undefined ? {} : { aud: audience }),
    ...(permissions === undefined ? { scopedUser: true } : {}),
    ...(issuer.issuerAccount === undefined ? {} : { signer: issuer.signingKeySeed }),
  };
  try {
    const signer = issuer.issuerAccount ?? issuer.signingKeySeed;
    return await encodeUser(
      name,
      publicKey,
      signer,
      { ...granted, ...(tags.length > 0 ? { tags: [...tags] } : {}) },
      options,
    );
  } catch {
    // The cause could show a part of the seed.
    throw new TypeError("Cannot sign a user JWT: a key or seed is not well-formed");
  }
}

/** Refuses what is no seed of an account's key, and shows nothing of it. @throws {TypeError} */
export function checkSigningKeySeed(seed: unknown): string {
  if (typeof seed === "string" && /^SA[A-Z2-7]{56}$/.test(seed)) return seed;
  throw new TypeError("Cannot use `signingKeySeed`: the seed of an account's key, 58 characters from SA on, is wanted");
}

/** Refuses what is no account's public key. @throws {TypeError} */
export function checkIssuerAccount(account: string | undefined): string | undefined {
  if (account === undefined || /^A[A-Z2-7]{55}$/.test(account)) return account;
  throw new TypeError("Cannot use `issuerAccount`: the public key of an account, 56 characters from A on, is wanted");
}
