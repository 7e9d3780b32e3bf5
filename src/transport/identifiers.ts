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
  const pool = new Uint8Array(poolBytes);
  let used = poolBytes;
  return {
    next: (length) => {
      if (used + length > poolBytes) {
        clock.randomBytes(pool);
        used = 0;
      }
      let text = "";
      for (const end = used + length; used < end; used++) text += alphabet[pool[used]! & 63];
      return text;
    },
  };
}

/** 132 bits: an inbox prefix or a correlation that nobody guesses. */
export const unguessableLength = 22;
/** 72 bits, beside the 132 of the inbox prefix in front of it. */
export const requestIdLength = 12;
