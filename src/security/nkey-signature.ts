import { joinWithLengths } from "./join-with-lengths.ts";

const encoder = new TextEncoder();

/** What a signature of a call says besides the call. */
export interface SignatureParts {
  /** The signer's public nkey. */
  readonly publicKey: string;
  /** When it was signed, in milliseconds since 1970. */
  readonly signedAt: number;
  /** The signature, base64url. */
  readonly signature: string;
}

/** Writes the `Mb-Signature` header. */
export function writeSignature({ publicKey, signedAt, signature }: SignatureParts): string {
  return `v1;key=${publicKey};at=${signedAt};sig=${signature}`;
}

/** Reads the `Mb-Signature` header; `undefined` where it is none. */
export function readSignature(header: string): SignatureParts | undefined {
  const match = /^v1;key=([A-Z2-7]{56});at=(\d{1,15});sig=([A-Za-z0-9_-]{86})$/.exec(header);
  return match === null ? undefined : { publicKey: match[1]!, signedAt: Number(match[2]), signature: match[3]! };
}

/** The bytes that are signed: every part with its length in front, so that none can lend bytes to its neighbour. */
export async function signedBytes(
  call: { readonly subject: string; readonly requestId: string; readonly body: Uint8Array },
  publicKey: string,
  signedAt: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bodyHash = new Uint8Array(await crypto.subtle.digest("SHA-256", call.body as Uint8Array<ArrayBuffer>));
  const texts = ["magicbutton-messaging-v1", publicKey, String(signedAt), call.subject, call.requestId];
  return joinWithLengths([...texts.map((text) => encoder.encode(text)), bodyHash]);
}

/** Bytes as base64url without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The bytes of a base64url text. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
}
