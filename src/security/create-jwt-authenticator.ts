import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JWK,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
} from "jose";
import type { Actor, Authenticate, AuthenticatedCall } from "../contract/actor.ts";
import { MessagingError } from "../errors/messaging-error.ts";
import { BoundedCache } from "./bounded-cache.ts";

/** A public key as a JSON Web Key (RFC 7517). */
export interface PublicJwk {
  /** The key's type, such as `"EC"` or `"RSA"`. */
  readonly kty: string;
  /** The key's id, which a token's header names. */
  readonly kid?: string;
  /** The algorithm it is for. */
  readonly alg?: string;
  /** The type's own parameters. */
  readonly [parameter: string]: unknown;
}

/**
 * Options of `createJwtAuthenticator`; give `keys` or `jwksUrl`.
 *
 * @example
 * ```ts
 * import type { JwtAuthenticatorOptions } from "@magicbutton/messaging/security";
 *
 * const options: JwtAuthenticatorOptions = {
 *   issuer: "https://id.example.com",
 *   audience: "orders",
 *   algorithms: ["ES256"],
 *   jwksUrl: "https://id.example.com/.well-known/jwks.json",
 * };
 * ```
 */
export interface JwtAuthenticatorOptions {
  /** The `iss` that tokens must have. */
  readonly issuer: string | string[];
  /** The `aud` that tokens must have: a token for another service is refused. */
  readonly audience: string | string[];
  /** The algorithms that are accepted, such as `["ES256"]`; no others, whatever the key would allow. */
  readonly algorithms: readonly string[];
  /** Public keys as JWKs. */
  readonly keys?: readonly PublicJwk[];
  /** Where public keys are fetched, over https; an unknown key id asks again at most every 30 s. */
  readonly jwksUrl?: string;
  /** Which of the token's claims are roles of the contract: an array of strings, anything else is no role. @default none */
  readonly roles?: (claims: Readonly<Record<string, unknown>>) => unknown;
  /** How far clocks may be apart, in seconds. @default 5 */
  readonly clockToleranceSeconds?: number;
  /** The `typ` header that tokens must have, such as `"at+jwt"`. @default any */
  readonly type?: string;
  /** How many verified tokens are remembered. @default 1000 */
  readonly cacheSize?: number;
  /** How long a verified token is believed without verifying it again, in milliseconds; never beyond its `exp`. @default 60000 */
  readonly cacheMs?: number;
}

const maximumTokenLength = 16_384;
const jwksCooldownMs = 30_000;
const jwksTimeoutMs = 5_000;
const keysRetryAfterMs = 1_000;
/** A reason names the claim, and what it names may be the caller's text. */
const maximumReasonLength = 200;

interface VerifiedToken {
  readonly actor: Actor;
  readonly until: number;
}

/**
 * Makes an `authenticate` for bearer tokens of an identity provider: signature, algorithm, issuer, audience, `exp` and
 * `sub` are checked, all of them required (RFC 8725).
 *
 * @throws {TypeError} for options that would accept too much
 *
 * @example
 * ```ts
 * import { createJwtAuthenticator } from "@magicbutton/messaging/security";
 *
 * const authenticate = createJwtAuthenticator({
 *   issuer: "https://id.example.com",
 *   audience: "orders",
 *   algorithms: ["ES256"],
 *   jwksUrl: "https://id.example.com/.well-known/jwks.json",
 *   roles: (claims) => claims["roles"],
 * });
 * ```
 */
export function createJwtAuthenticator(options: JwtAuthenticatorOptions): Authenticate {
  const key = keySource(options);
  const verifyOptions = checkedOptions(options);
  const { roles = () => [], cacheSize = 1_000, cacheMs = 60_000 } = options;
  const cache = new BoundedCache<string, VerifiedToken>(cacheSize);
  return async ({ token }, call) => {
    // Programs without types may leave out the call: nothing else is needed of it.
    const explain = (call as AuthenticatedCall | undefined)?.explain;
    const refuse = (reason: string): undefined => void explain?.(reason);
    if (token === undefined) return refuse("there is no bearer token");
    if (token.length > maximumTokenLength) return refuse(`the token has more than ${maximumTokenLength} characters`);
    const known = cache.get(token);
    if (known !== undefined && known.until > Date.now()) return known.actor;
    const claims = await verify(token, key, verifyOptions, refuse);
    if (claims === undefined) return undefined;
    if (claims.sub === undefined || claims.sub === "") return refuse('its "sub" is empty');
    const given = roles(claims);
    if (!isTexts(given)) explain?.("its roles are no array of strings: what is none counts as no role");
    const actor: Actor = { id: claims.sub, roles: textsOf(given), claims };
    cache.set(token, { actor, until: Math.min(claims.exp! * 1_000, Date.now() + cacheMs) });
    return actor;
  };
}

function keySource({ keys, jwksUrl }: JwtAuthenticatorOptions): JWTVerifyGetKey {
  if ((keys === undefined) === (jwksUrl === undefined)) {
    throw new TypeError("Cannot verify tokens: `keys` or `jwksUrl` is wanted");
  }
  if (jwksUrl === undefined) {
    if (keys!.length === 0) throw new TypeError("Cannot verify tokens: `keys` is empty");
    if (keys!.some((key) => key["d"] !== undefined || key["priv"] !== undefined)) {
      throw new TypeError("Cannot verify tokens: a key of `keys` is private; give its public part alone");
    }
    return createLocalJWKSet({ keys: keys as JWK[] });
  }
  const url = new URL(jwksUrl);
  const isLoopback = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback)) {
    throw new TypeError("Cannot verify tokens: `jwksUrl` is not https");
  }
  return createRemoteJWKSet(url, { cooldownDuration: jwksCooldownMs, timeoutDuration: jwksTimeoutMs });
}

function checkedOptions(options: JwtAuthenticatorOptions): JWTVerifyOptions {
  const { issuer, audience, algorithms, type, clockToleranceSeconds = 5 } = options;
  if (algorithms.length === 0 || algorithms.some((algorithm) => /^none$/i.test(algorithm))) {
    throw new TypeError("Cannot verify tokens: `algorithms` must name what is accepted, and none is not");
  }
  if (issuer.length === 0 || audience.length === 0) {
    throw new TypeError("Cannot verify tokens: `issuer` and `audience` are wanted");
  }
  return {
    issuer,
    audience,
    algorithms: [...algorithms],
    clockTolerance: clockToleranceSeconds,
    requiredClaims: ["exp", "sub"],
    ...(type === undefined ? {} : { typ: type }),
  };
}

async function verify(
  token: string,
  key: JWTVerifyGetKey,
  options: JWTVerifyOptions,
  refuse: (reason: string) => undefined,
): Promise<JWTPayload | undefined> {
  try {
    return (await jwtVerify(token, key, options)).payload;
  } catch (error) {
    if (error instanceof errors.JWKSMultipleMatchingKeys) {
      return await verifyWithEach(token, error, options) ?? refuse("none of the keys verifies it");
    }
    if (isRefusal(error)) return refuse(error.message.slice(0, maximumReasonLength));
    // The provider could not be asked: that is no word about the token.
    throw new MessagingError("BUSY", "The caller cannot be verified now: the keys for its token cannot be had", {
      retryAfterMs: keysRetryAfterMs,
      cause: error,
    });
  }
}

/** Keys without a key id: the token may be of any of them. */
async function verifyWithEach(
  token: string,
  keys: AsyncIterable<CryptoKey>,
  options: JWTVerifyOptions,
): Promise<JWTPayload | undefined> {
  for await (const key of keys) {
    try {
      return (await jwtVerify(token, key, options)).payload;
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }
  return undefined;
}

function isRefusal(error: unknown): error is Error {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return false;
  // The generic error is jose's word for a key set that was answered with something else than 200.
  return error instanceof errors.JOSEError && error.code !== "ERR_JOSE_GENERIC";
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((entry) => typeof entry === "string");
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === "string") : [];
}
