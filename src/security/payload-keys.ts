import { BoundedCache } from "./bounded-cache.ts";

/** A 256-bit key as base64, or a function that gives it, now or later; asked once. */
export type KeyMaterial = string | (() => string | Promise<string>);

const keyBytes = 32;
/** Each peer process has one salt at a time. */
const maximumDerivedKeys = 1_024;
const info: Uint8Array<ArrayBuffer> = new TextEncoder().encode("magicbutton-messaging-v1 A256GCM");

/** Master keys by id, and the keys that are derived from them. */
export class PayloadKeys {
  readonly #material: ReadonlyMap<string, KeyMaterial>;
  readonly #masters = new Map<string, Promise<CryptoKey>>();
  readonly #derived = new BoundedCache<string, Promise<CryptoKey>>(maximumDerivedKeys);

  /** @throws {TypeError} for an id or a key that is none */
  constructor(keys: Readonly<Record<string, KeyMaterial>>) {
    this.#material = new Map(Object.entries(keys));
    for (const [id, material] of this.#material) {
      if (!/^[A-Za-z0-9._-]{1,64}$/.test(id)) {
        throw new TypeError('Cannot use a key: its id is not 1 to 64 letters, digits, ".", "_" or "-"');
      }
      if (typeof material === "string") decodeKey(id, material);
    }
  }

  /** Whether there is a key with this id. */
  has(id: string): boolean {
    return this.#material.has(id);
  }

  /** The key for messages under this salt. */
  derive(id: string, salt: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
    const name = `${id} ${salt.join(",")}`;
    const known = this.#derived.get(name);
    if (known !== undefined) return known;
    const derived = this.#derive(id, salt.slice());
    this.#derived.set(name, derived);
    // A source of keys that failed once is asked again.
    derived.catch(() => this.#derived.delete(name));
    return derived;
  }

  async #derive(id: string, salt: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
    const master = await this.#master(id);
    const algorithm = { name: "HKDF", hash: "SHA-256", salt, info };
    return await crypto.subtle.deriveKey(algorithm, master, { name: "AES-GCM", length: 256 }, false, [
      "encrypt",
      "decrypt",
    ]);
  }

  #master(id: string): Promise<CryptoKey> {
    let master = this.#masters.get(id);
    if (master === undefined) {
      master = importMaster(id, this.#material.get(id)!);
      this.#masters.set(id, master);
      master.catch(() => this.#masters.delete(id));
    }
    return master;
  }
}

async function importMaster(id: string, material: KeyMaterial): Promise<CryptoKey> {
  const text = typeof material === "string" ? material : await material();
  return await crypto.subtle.importKey("raw", decodeKey(id, text), "HKDF", false, ["deriveKey"]);
}

function decodeKey(id: string, text: string): Uint8Array<ArrayBuffer> {
  let bytes: Uint8Array<ArrayBuffer> | undefined;
  try {
    bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    bytes = undefined;
  }
  if (bytes?.length !== keyBytes) throw new TypeError(`Cannot use key "${id}": base64 of ${keyBytes} bytes is wanted`);
  return bytes;
}
