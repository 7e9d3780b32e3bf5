/** What stands raw in a subject token; anything else is escaped. */
const plainToken = /^[A-Za-z0-9_-]{1,128}$/;
const maximumTokenLength = 128;
const encoder = new TextEncoder();
// A byte order mark is a character of the text here, not a mark to leave out.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The longest subject that is ever sent, in bytes: far under the broker's control line. */
export const maximumSubjectBytes = 1024;

/** Tells whether a name can stand in a subject as it is. */
export function isToken(name: string): boolean {
  return plainToken.test(name);
}

/**
 * Writes any text as one subject token: each byte outside `[A-Za-z0-9_-]` becomes `=XX`.
 * Gives `undefined` for text that cannot be a token: empty, too long, or with half a surrogate pair.
 */
export function encodeToken(text: string): string | undefined {
  if (plainToken.test(text)) return text;
  if (text === "" || text.length > maximumTokenLength || !text.isWellFormed()) return undefined;
  let token = "";
  for (const byte of encoder.encode(text)) {
    const character = String.fromCharCode(byte);
    token += byte < 128 && plainToken.test(character)
      ? character
      : `=${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return token.length <= maximumTokenLength ? token : undefined;
}

/** Reads a token that `encodeToken` wrote; `undefined` where it did not. */
export function decodeToken(token: string): string | undefined {
  if (plainToken.test(token)) return token;
  if (token.length > maximumTokenLength || !/^(?:[A-Za-z0-9_-]|=[0-9A-F]{2})+$/.test(token)) return undefined;
  const bytes: number[] = [];
  for (let index = 0; index < token.length; index++) {
    if (token[index] === "=") {
      bytes.push(Number.parseInt(token.slice(index + 1, index + 3), 16));
      index += 2;
    } else {
      bytes.push(token.charCodeAt(index));
    }
  }
  try {
    const text = decoder.decode(Uint8Array.from(bytes));
    // One text has one token: "=41" for "A" would pass by every subscription to "A".
    return encodeToken(text) === token ? text : undefined;
  } catch {
    return undefined;
  }
}
