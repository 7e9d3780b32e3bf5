import type { Clock } from "./clock.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const poolBytes = 8 * 1024;

/** Makes identifiers of subject-token characters, 6 random bits each, without a call to the system for every one. */
export interface IdentifierSource {
  /** So many random characters. */
  next(length: number): string;
}

/** An identifier source over the clock's randomness. */
export function createIdentifierSource(clock: Clock): IdentifierSource {
  const codes = Uint8Array.from(alphabet, (character) => character.charCodeAt(0));
  const decoder = new TextDecoder();
  // All characters of a pool become one text at once: a piece of it costs less than a text put together of characters.
  let pool = "";
  let used = 0;
  const refill = (): void => {
    const bytes = new Uint8Array(poolBytes);
    clock.randomBytes(bytes);
    for (let index = 0; index < poolBytes; index++) bytes[index] = codes[bytes[index]! & 63]!;
    pool = decoder.decode(bytes);
    used = 0;
  };
  return {
    next: (length) => {
      if (used + length > pool.length) refill();
      used += length;
      return pool.slice(used - length, used);
    },
  };
}

/** 132 bits: an inbox prefix or a correlation that nobody guesses. */
export const unguessableLength = 22;
/** 72 bits, beside the 132 of the inbox prefix in front of it. */
export const requestIdLength = 12;
