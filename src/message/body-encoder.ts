import { BytePool } from "./byte-pool.ts";
import { encodeBody, jsonText } from "./json-codec.ts";

const encoder = new TextEncoder();
/** The most bytes of UTF-8 that one unit of a text takes. */
const mostBytesOfUnit = 3;

/** Writes many values as bodies of messages, as `encodeBody` does; whoever keeps a body for long copies it. */
export class BodyEncoder {
  readonly #pool = new BytePool();

  /** The body of one. @throws {TypeError} for what JSON cannot carry */
  encode(value: unknown): Uint8Array {
    if (value === undefined) return encodeBody(value);
    const text = jsonText(value);
    const mostBytes = text.length * mostBytesOfUnit;
    if (mostBytes > BytePool.maximumBytes) return encoder.encode(text);
    const { written } = encoder.encodeInto(text, this.#pool.room(mostBytes));
    return this.#pool.take(written);
  }
}
