import type { AuthCalloutRequest } from "./auth-callout-request.ts";
import type { UserJwtIssuer } from "./sign-user-jwt.ts";

/** The keys of an auth callout service: what it is known by, and what it signs and encrypts with. */
export interface AuthCalloutKeys {
  /** The account that questions are for. */
  readonly issuer: string;
  /** Opens a question. @throws {TypeError} where it is not encrypted for this service, although it should be */
  open(body: Uint8Array, serverXkey: string | undefined): string;
  /** Signs an answer and encrypts it where the server wants that. */
  answer(request: AuthCalloutRequest, outcome: { jwt: string } | { error: string }): Promise<Uint8Array>;
}

/** Reads the keys. @throws {TypeError} for seeds that are not well-formed, without a part of them */
export async function readAuthCalloutKeys(
  issuer: UserJwtIssuer,
  xkeySeed: string | undefined,
): Promise<AuthCalloutKeys> {
  const { encodeAuthorizationResponse } = await import("@nats-io/jwt");
  const { fromCurveSeed, fromSeed } = await import("@nats-io/nkeys");
  const encoder = new TextEncoder();
  const { signingKeySeed, issuerAccount } = issuer;
  const curve = xkeySeed === undefined
    ? undefined
    : wellFormed("xkeySeed", () => fromCurveSeed(encoder.encode(xkeySeed)));
  const ownKey = wellFormed("signingKeySeed", () => fromSeed(encoder.encode(signingKeySeed)).getPublicKey());
  return {
    issuer: issuerAccount ?? ownKey,
    open: (body, serverXkey) => {
      const opened = curve === undefined ? body : serverXkey === undefined ? null : openOrNull(curve, body, serverXkey);
      if (opened === null) throw new TypeError("it is not encrypted for this service");
      return new TextDecoder().decode(opened);
    },
    answer: async ({ userKey, serverId, serverXkey }, outcome) => {
      const signer = issuerAccount === undefined ? {} : { signer: signingKeySeed };
      const text = await encodeAuthorizationResponse(
        userKey,
        serverId,
        issuerAccount ?? signingKeySeed,
        outcome,
        signer,
      );
      const bytes = encoder.encode(text);
      return curve === undefined || serverXkey === undefined ? bytes : curve.seal(bytes, serverXkey);
    },
  };
}

function openOrNull(
  curve: { open(body: Uint8Array, sender: string): Uint8Array | null },
  body: Uint8Array,
  sender: string,
): Uint8Array | null {
  try {
    return curve.open(body, sender);
  } catch {
    return null;
  }
}

function wellFormed<Value>(name: string, read: () => Value): Value {
  try {
    return read();
  } catch {
    // The cause could show a part of the seed.
    throw new TypeError(`Cannot use \`${name}\`: it is not well-formed`);
  }
}
