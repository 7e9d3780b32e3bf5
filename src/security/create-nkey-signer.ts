import type { RequestSigner } from "../contract/actor.ts";
import { type Sign, signWithSeed } from "./nkey-crypto.ts";
import { signedBytes, toBase64Url, writeSignature } from "./nkey-signature.ts";

/**
 * Options of `createNkeySigner`.
 *
 * @example
 * ```ts
 * import type { NkeySignerOptions } from "@magicbutton/messaging/security";
 *
 * export const optionsOf = (seed: string): NkeySignerOptions => ({ seed });
 * ```
 */
export interface NkeySignerOptions {
  /** The user nkey's seed, `SU…`; it stays in this process. */
  readonly seed: string;
}

/**
 * Makes a client's `signer`: it signs each request with an Ed25519 NATS key over subject, request id, body hash and time,
 * so that services know each other without an identity provider.
 *
 * @throws {TypeError} where the seed is none
 *
 * @example
 * ```ts
 * import { createNkeySigner } from "@magicbutton/messaging/security";
 *
 * export const signerOf = (seed: string) => createNkeySigner({ seed });
 * ```
 */
export function createNkeySigner(options: NkeySignerOptions): RequestSigner {
  const { publicKey, sign } = signerOf(options.seed);
  return {
    sign: async (call) => {
      const signedAt = Date.now();
      const signature = await sign(await signedBytes(call, publicKey, signedAt));
      return writeSignature({ publicKey, signedAt, signature: toBase64Url(signature) });
    },
  };
}

function signerOf(seed: string): { readonly publicKey: string; readonly sign: Sign } {
  try {
    return signWithSeed(seed);
  } catch {
    // The cause could show a part of the seed.
    throw new TypeError("Cannot sign: `seed` is not an nkey seed");
  }
}
