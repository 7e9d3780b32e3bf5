import { MessagingError } from "../errors/messaging-error.ts";
import type { PayloadBinding, PayloadEncryption, SealedPayload } from "../message/payload-encryption.ts";
import { joinWithLengths } from "./join-with-lengths.ts";
import { type KeyMaterial, PayloadKeys } from "./payload-keys.ts";

/**
 * Options of `createPayloadEncryption`.
 *
 * @example
 * ```ts
 * import type { PayloadEncryptionOptions } from "@magicbutton/messaging/security";
 *
 * export const optionsOf = (thisMonth: string, lastMonth: string): PayloadEncryptionOptions => ({
 *   keys: { "2026-11": thisMonth, "2026-10": lastMonth },
 *   current: "2026-11",
 * });
 * ```
 */
export interface PayloadEncryptionOptions {
  /** Keys by id; all of them open, one of them encrypts. */
  readonly keys: Readonly<Record<string, KeyMaterial>>;
  /** The id of the key that encrypts. */
  readonly current: string;
  /** Whether a message that is not encrypted is refused. @default true */
  readonly required?: boolean;
}

const saltBytes = 16;
const counterBytes = 12;
const nonceBytes = saltBytes + counterBytes;
const tagBytes = 16;
/** Far under what AES-GCM allows for one key. */
const messagesPerSalt = 2 ** 31;
const encoder = new TextEncoder();

/**
 * Makes the `encryption` of a client or server: AES-256-GCM over the body, bound to contract, operation, direction and
 * request id, so that a message moved anywhere else cannot be opened. Each process derives a key of its own from a random
 * salt (HKDF-SHA-256) and counts its nonces. Subjects, headers, sizes and times stay visible.
 *
 * To rotate without downtime: add the new key everywhere, make it `current` everywhere, and take the old one out when
 * no stored message needs it.
 *
 * @throws {TypeError} for keys that are none
 * @see NIST SP 800-38D, RFC 5869
 *
 * @example
 * ```ts
 * import { createPayloadEncryption } from "@magicbutton/messaging/security";
 *
 * const key = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))));
 * const encryption = createPayloadEncryption({ keys: { "2026-11": key }, current: "2026-11" });
 * ```
 */
export function createPayloadEncryption(options: PayloadEncryptionOptions): PayloadEncryption {
  const { current, required = true } = options;
  const keys = new PayloadKeys(options.keys);
  if (!keys.has(current)) throw new TypeError("Cannot encrypt: `current` is not one of `keys`");
  let writer: { salt: Uint8Array<ArrayBuffer>; key: Promise<CryptoKey>; used: number } | undefined;

  const nextNonce = (): { nonce: Uint8Array<ArrayBuffer>; key: Promise<CryptoKey> } => {
    if (writer === undefined || writer.used >= messagesPerSalt) {
      const salt = crypto.getRandomValues(new Uint8Array(saltBytes));
      writer = { salt, key: keys.derive(current, salt), used: 0 };
    }
    const nonce = new Uint8Array(nonceBytes);
    nonce.set(writer.salt);
    new DataView(nonce.buffer).setUint32(nonceBytes - 4, writer.used++);
    return { nonce, key: writer.key };
  };

  return {
    seal: async (body, binding): Promise<SealedPayload> => {
      const { nonce, key } = nextNonce();
      let ciphertext: ArrayBuffer;
      try {
        ciphertext = await crypto.subtle.encrypt(
          parameters(nonce, current, binding),
          await key,
          body as Uint8Array<ArrayBuffer>,
        );
      } catch {
        writer = undefined;
        throw new MessagingError("INTERNAL", "A message could not be encrypted", { execution: "not-executed" });
      }
      const sealed = new Uint8Array(nonceBytes + ciphertext.byteLength);
      sealed.set(nonce);
      sealed.set(new Uint8Array(ciphertext), nonceBytes);
      return { header: `v1;A256GCM;kid=${current}`, body: sealed };
    },
    open: async (body, header, binding) => {
      if (header === undefined && !required) return body;
      const keyId = /^v1;A256GCM;kid=([A-Za-z0-9._-]{1,64})$/.exec(header ?? "")?.[1];
      if (keyId === undefined || !keys.has(keyId) || body.length < nonceBytes + tagBytes) throw failed();
      try {
        const nonce = body.slice(0, nonceBytes);
        const key = await keys.derive(keyId, nonce.subarray(0, saltBytes));
        const ciphertext = body.subarray(nonceBytes) as Uint8Array<ArrayBuffer>;
        return new Uint8Array(await crypto.subtle.decrypt(parameters(nonce, keyId, binding), key, ciphertext));
      } catch {
        throw failed();
      }
    },
  };
}

function parameters(nonce: Uint8Array<ArrayBuffer>, keyId: string, binding: PayloadBinding): AesGcmParams {
  const { subject, direction, requestId } = binding;
  const bound = ["v1", "A256GCM", keyId, subject, direction, requestId].map((text) => encoder.encode(text));
  return { name: "AES-GCM", iv: nonce.subarray(saltBytes), additionalData: joinWithLengths(bound), tagLength: 128 };
}

/** Always the same, so that nobody learns from it what was wrong. */
function failed(): MessagingError {
  return new MessagingError("DECRYPTION_FAILED", "A message could not be decrypted");
}
