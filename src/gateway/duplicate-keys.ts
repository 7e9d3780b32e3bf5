const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;

/**
 * Tells whether an object in a JSON text names a key twice, in whatever spelling: two readers of such a text may see two
 * different values, and what one of them checked the other would not use (RFC 8259, 4).
 *
 * A colon outside a string follows every key of the text, and the parsed value has one key for each, unless one was named
 * again: comparing the counts is all there is to do, because the parser has undone the escapes already.
 */
export function hasDuplicateKeys(text: Uint8Array, parsed: unknown): boolean {
  return typeof parsed === "object" && parsed !== null && countKeysOfText(text) !== countKeysOfValue(parsed);
}

function countKeysOfText(text: Uint8Array): number {
  let count = 0;
  for (let index = 0; index < text.length; index++) {
    const byte = text[index];
    if (byte === colon) count += 1;
    else if (byte === quote) index = endOfString(text, index + 1);
  }
  return count;
}

function endOfString(text: Uint8Array, start: number): number {
  let index = start;
  while (index < text.length && text[index] !== quote) index += text[index] === backslash ? 2 : 1;
  return index;
}

function countKeysOfValue(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const entry of value) count += countKeysOfValue(entry);
    return count;
  }
  for (const key of Object.keys(value)) count += 1 + countKeysOfValue((value as Record<string, unknown>)[key]);
  return count;
}
