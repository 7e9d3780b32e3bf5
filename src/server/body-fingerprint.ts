/**
 * A number of 53 bits that tells a request which is sent again from another one under the same id: two hashes of the kind
 * of FNV-1a side by side. It finds mistakes; it is no signature.
 */
export function bodyFingerprint(body: Uint8Array): number {
  let one = 0x811c9dc5;
  let other = 0x9e3779b1;
  for (const byte of body) {
    one = Math.imul(one ^ byte, 0x01000193);
    other = Math.imul(other ^ byte, 0x85ebca6b);
  }
  return (one >>> 0) * 0x20_0000 + ((other ^ body.length) >>> 11);
}
