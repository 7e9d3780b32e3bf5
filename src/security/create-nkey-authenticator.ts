import type { Actor, Authenticate, AuthenticatedCall } from "../contract/actor.ts";
import { type Verify, verifyWithPublicKey } from "./nkey-crypto.ts";
import { fromBase64Url, readSignature, type SignatureParts, signedBytes } from "./nkey-signature.ts";

/**
 * Options of `createNkeyAuthenticator`.
 *
 * @example
 * ```ts
 * import type { NkeyAuthenticatorOptions } from "@magicbutton/messaging/security";
 *
 * const options: NkeyAuthenticatorOptions = {
 *   keys: { UCA7AATTWZ6KC5C2UKMYZD77OAMRI5LTCPAQSC5LCA3UPNMVY7NPMPJA: { id: "billing", roles: ["clerk"] } },
 *   windowMs: 10_000,
 * };
 * ```
 */
export interface NkeyAuthenticatorOptions {
  /** Public user nkeys (`U…`), each with the roles it holds and a name for logs. */
  readonly keys: Readonly<Record<string, { readonly roles: readonly string[]; readonly id?: string }>>;
  /** How old or how far ahead a signature may be, in milliseconds. @default 60000 */
  readonly windowMs?: number;
  /** How many signatures are remembered so that none is taken twice; when full, further ones are refused. @default 100000 */
  readonly replayLimit?: number;
}

/**
 * Makes an `authenticate` for requests that `createNkeySigner` signed: a table of public keys to roles, and a window in
 * which each signature is taken once. The memory of signatures is this process's: with several instances, a signature
 * could be taken once by each; keep the window short there.
 *
 * @throws {TypeError} for a key that is none
 *
 * @example
 * ```ts
 * import { createNkeyAuthenticator } from "@magicbutton/messaging/security";
 *
 * const authenticate = createNkeyAuthenticator({
 *   keys: { UCA7AATTWZ6KC5C2UKMYZD77OAMRI5LTCPAQSC5LCA3UPNMVY7NPMPJA: { id: "billing", roles: ["clerk"] } },
 * });
 * ```
 */
export function createNkeyAuthenticator(options: NkeyAuthenticatorOptions): Authenticate {
  const { windowMs = 60_000, replayLimit = 100_000 } = options;
  const known = new Map(
    Object.entries(options.keys).map(([publicKey, { roles, id }]) => [
      publicKey,
      { verify: verifierOf(publicKey), actor: { id: id ?? publicKey, roles } satisfies Actor },
    ]),
  );
  const taken = new TakenSignatures(windowMs, replayLimit);
  return async ({ signature }, call) => {
    const refuse = (reason: string): undefined => void call.explain?.(reason);
    const parts = signature === undefined ? undefined : readSignature(signature);
    if (parts === undefined) return refuse("there is no signature, or it is not well-formed");
    const entry = known.get(parts.publicKey);
    if (entry === undefined) return refuse("the key of its signature is not known");
    const now = Date.now();
    if (Math.abs(now - parts.signedAt) > windowMs) return refuse("its signature is too old, or a clock is wrong");
    if (!await isSigned(entry.verify, call, parts)) return refuse("its signature is of another call, or forged");
    return taken.take(parts, now)
      ? entry.actor
      : refuse("its signature was taken before, or no more can be remembered");
  };
}

async function isSigned(
  verify: Verify,
  call: AuthenticatedCall,
  parts: SignatureParts,
): Promise<boolean> {
  const bytes = await signedBytes(call, parts.publicKey, parts.signedAt);
  return await verify(bytes, fromBase64Url(parts.signature));
}

function verifierOf(text: string): Verify {
  try {
    if (!text.startsWith("U")) throw new TypeError("not a user key");
    return verifyWithPublicKey(text);
  } catch {
    throw new TypeError(`Cannot use "${text.slice(0, 64)}" as a key: a public user nkey (U…) is wanted`);
  }
}

/** Remembers signatures for as long as they could be shown again. */
class TakenSignatures {
  readonly #windowMs: number;
  readonly #limit: number;
  readonly #until = new Map<string, number>();

  constructor(windowMs: number, limit: number) {
    this.#windowMs = windowMs;
    this.#limit = limit;
  }

  /** Takes one; `false` where it was taken before, or where no more can be remembered. */
  take({ signature, signedAt }: SignatureParts, now: number): boolean {
    if (this.#until.has(signature)) return false;
    if (this.#until.size >= this.#limit) this.#forget(now);
    if (this.#until.size >= this.#limit) return false;
    this.#until.set(signature, signedAt + this.#windowMs);
    return true;
  }

  #forget(now: number): void {
    for (const [signature, until] of this.#until) if (until < now) this.#until.delete(signature);
  }
}
