/** Joins parts, each behind its length in four bytes. */
export function joinWithLengths(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((length, part) => length + 4 + part.length, 0));
  const view = new DataView(joined.buffer);
  let offset = 0;
  for (const part of parts) {
    view.setUint32(offset, part.length);
    joined.set(part, offset + 4);
    offset += 4 + part.length;
  }
  return joined;
}
